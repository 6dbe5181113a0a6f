"""The scratch database: sales as numbers on disk, until all files are written."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pandas as pd

from clustering.sample.names import (
    measure_sku_width,
    measure_store_width,
    name_category,
)
from clustering.sample.options import Options
from clustering.sample.sales import Columns

FIRST_MONDAY = "2025-01-06"
MEMORY_LIMIT = "1GB"
WRITE_OPTIONS = {
    "parquet": "format parquet, compression zstd",
    "csv": "format csv, header, nullstr ''",
}

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


@contextmanager
def open_staging(folder: Path) -> Generator[Path]:
    """Yield a hidden folder inside `folder`, removed whatever happens."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".sample-", dir=folder) as name:
        yield Path(name)


def open_scratch(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return an empty database on disk; one thread, so that order is kept."""
    settings = {
        "memory_limit": MEMORY_LIMIT,
        "threads": 1,
        "temp_directory": str(folder),
    }
    return duckdb.connect(folder / "scratch.duckdb", config=settings)


def copy_query(scratch: duckdb.DuckDBPyConnection, query: str, *, target: Path) -> int:
    """Write a query's rows in the format of the target's suffix; return how many."""
    options = WRITE_OPTIONS[target.suffix[1:]]
    path = str(target).replace("'", "''")  # it imports nothing of ours
    written = scratch.execute(f"copy ({query}) to '{path}' ({options})").fetchall()
    return written[0][0]


def copy_frame(
    scratch: duckdb.DuckDBPyConnection, frame: pd.DataFrame, *, target: Path
) -> int:
    """Write a frame in the format of the target's suffix; return the rows."""
    scratch.register("frame", frame)
    rows = copy_query(scratch, "select * from frame", target=target)
    scratch.unregister("frame")
    return rows


def move_files(staged: Path, folder: Path, names: list[str]) -> None:
    """Move files from the staging folder to ``folder``, each by one atomic rename."""
    for name in names:
        (staged / name).replace(folder / name)


def create_sales(scratch: duckdb.DuckDBPyConnection) -> None:
    """Create the empty table of sales."""
    scratch.execute(CREATE)


def append_block(scratch: duckdb.DuckDBPyConnection, block: Columns) -> int:
    """Append a block of rows; return how many."""
    frame = pd.DataFrame(block)
    scratch.register("block", frame)
    scratch.execute("insert into sales by name select * from block")
    scratch.unregister("block")
    return len(frame)


def copy_sales(
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
