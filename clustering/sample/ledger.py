"""All sales rows of a sample, kept as numbers on disk until they are written."""

from pathlib import Path

import duckdb
import pandas as pd

from clustering.sample.files import copy_query
from clustering.sample.names import (
    measure_sku_width,
    measure_store_width,
    name_category,
)
from clustering.sample.options import Options
from clustering.sample.sales import Columns

FIRST_MONDAY = "2025-01-06"

CREATE = """
create table sales (
    store integer, sku integer, category integer, week integer, units integer,
    sales double
)
"""
# A frame's NaN arrives as null, and no sale is null on purpose.
SELECT = """
select
    lpad(nullif(store, -1)::varchar, {store_width}, '0') as STORE_NBR,
    lpad(nullif(sku, -1)::varchar, {sku_width}, '0') as SKU_NBR,
    getvariable('category_names')[nullif(category, -1) + 1] as CAT_DSC,
    date '{first_monday}' + week * 7 as PERIOD_START,
    units as UNITS,
    coalesce(sales, 'nan'::double) as TOTAL_SALES
from sales
"""


def create_ledger(scratch: duckdb.DuckDBPyConnection) -> None:
    """Create the empty table of sales."""
    scratch.execute(CREATE)


def append_block(scratch: duckdb.DuckDBPyConnection, block: Columns) -> int:
    """Append a block of rows; return how many."""
    frame = pd.DataFrame(block)
    scratch.register("block", frame)
    scratch.execute("insert into sales by name select * from block")
    scratch.unregister("block")
    return len(frame)


def copy_ledger(
    scratch: duckdb.DuckDBPyConnection, *, options: Options, target: Path
) -> int:
    """Write all rows, in the order they were appended; return how many."""
    names = [name_category(number) for number in range(options.categories)]
    scratch.execute("set variable category_names = $names", {"names": names})
    query = SELECT.format(
        store_width=measure_store_width(options.stores),
        sku_width=measure_sku_width(options.categories * options.skus),
        first_monday=FIRST_MONDAY,
    )
    return copy_query(scratch, query, target=target)
