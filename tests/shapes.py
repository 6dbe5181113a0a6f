"""The sample in the shapes that retailers' extracts have."""

import datetime
import random
import tempfile
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg2
import xlsxwriter

# Types of PostgreSQL, by those of DuckDB; what is not here is text.
TYPES = {"DOUBLE": "double precision", "BIGINT": "bigint", "INTEGER": "integer"}
TYPES |= {"DATE": "date"}

LINES = """
    select
        sales.STORE_NBR as store,
        case
            when hash(sales.STORE_NBR) % 3 = 0 then 'Springfield'
            else 'Town ' || sales.STORE_NBR
        end as city,
        strftime(PERIOD_START, '%m/%d/%Y') as date,
        SKU_NBR as sku,
        'Item ' || SKU_NBR as description,
        CATEGORY as category,
        NEED_STATE as subcategory,
        UNITS as qty,
        round(TOTAL_SALES, 2) as amount
    from '{raw}/internal_sales.parquet' as sales
    inner join (
        select PRODUCT_ID, min(CATEGORY) as CATEGORY, min(NEED_STATE) as NEED_STATE
        from '{raw}/need_state.parquet'
        group by PRODUCT_ID
    ) as needs on PRODUCT_ID = SKU_NBR and CATEGORY = CAT_DSC
    where TOTAL_SALES > 0 and isfinite(TOTAL_SALES)
    order by all
"""


def rename_at_random(
    raw: Path, folder: Path, chance: random.Random
) -> dict[tuple[str, str], str]:
    """Write the tables with other names and orders of columns, and return these."""
    names = [f"col_{number}" for number in range(100)]
    chance.shuffle(names)
    renamed = {}
    for file in sorted([*raw.glob("*.parquet"), *raw.glob("*.csv")]):
        is_csv = file.suffix == ".csv"
        rows = f"read_csv('{file}', all_varchar = true)" if is_csv else f"'{file}'"
        columns = [name for name, *_ in duckdb.sql(f"describe from {rows}").fetchall()]
        chance.shuffle(columns)
        new = {column: names.pop() for column in columns}
        shown = ", ".join(f"{column} as {name}" for column, name in new.items())
        duckdb.sql(f"copy (select {shown} from {rows}) to '{folder / file.name}'")
        renamed |= {(file.stem, column): name for column, name in new.items()}
    return renamed


def flat(raw: Path, folder: Path) -> None:
    """Write one file with a row per receipt line, and all that is known of it."""
    lines = duckdb.sql(LINES.format(raw=raw))
    lines.write_csv(str(folder / "transactions.csv"), header=True)


def flat_without_names(raw: Path, folder: Path) -> dict[str, str]:
    """Write the same with names that say nothing, and return these."""
    order = ("city", "subcategory", "qty", "sku", "amount", "date", "category", "store")
    names = {column: f"c{place}" for place, column in enumerate(order)}
    shown = ", ".join(f"{column} as {name}" for column, name in names.items())
    lines = duckdb.sql(f"select {shown} from ({LINES.format(raw=raw)})")
    lines.write_csv(str(folder / "x.csv"), header=True)
    return names


def wide(raw: Path, folder: Path) -> None:
    """Write sales with a column per week, and products and stores beside."""
    duckdb.sql(
        "pivot (select STORE_NBR as Store, SKU_NBR as Item, CAT_DSC as Department,"
        f" strftime(PERIOD_START, '%Y-%m-%d') as week, TOTAL_SALES from"
        f" '{raw}/internal_sales.parquet' where TOTAL_SALES > 0) on week"
        " using coalesce(sum(TOTAL_SALES), 0) group by Store, Item, Department"
    ).write_csv(str(folder / "weekly_sales.csv"), header=True)
    duckdb.sql(
        "select PRODUCT_ID as Item, CATEGORY as Department, NEED_STATE as Segment"
        f" from '{raw}/need_state.parquet'"
    ).write_csv(str(folder / "items.csv"), header=True)
    duckdb.sql(
        "select STORE_NBR as Store, * exclude (STORE_NBR)"
        f" from '{raw}/store_attributes.parquet'"
    ).write_csv(str(folder / "stores.csv"), header=True)


def database(raw: Path, url: str, schema: str) -> None:
    """Write the tables into a schema of a PostgreSQL database, in other names."""
    names = {
        "internal_sales": "till_weekly",
        "need_state": "articles",
        "store_attributes": "sites",
        "external_sales": "catchment",
    }
    with closing(psycopg2.connect(url)) as connection:
        cursor = connection.cursor()
        cursor.execute(f"create schema {schema}")
        for table, name in names.items():
            rows = duckdb.sql(f"from '{raw}/{table}.parquet'")
            columns = ", ".join(
                f"{column.lower()} {TYPES.get(str(type_), 'varchar')}"
                for column, type_ in zip(rows.columns, rows.types, strict=True)
            )
            cursor.execute(f"create table {schema}.{name} ({columns})")
            with tempfile.NamedTemporaryFile(suffix=".csv") as file:
                rows.write_csv(file.name, header=True)
                with Path(file.name).open() as text:
                    copy = f"copy {schema}.{name} from stdin (format csv, header)"
                    cursor.copy_expert(copy, text)
        connection.commit()


def workbook(raw: Path, folder: Path) -> None:
    """Write one workbook with a sheet per table."""
    sheets = {
        "Sales": "internal_sales",
        "Products": "need_state",
        "Stores": "store_attributes",
        "Market": "external_sales",
    }
    options = {"nan_inf_to_errors": True}
    with xlsxwriter.Workbook(str(folder / "extract.xlsx"), options) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for title, table in sheets.items():
            rows = duckdb.sql(f"from '{raw}/{table}.parquet'")
            sheet = book.add_worksheet(title)
            sheet.write_row(0, 0, [name.lower() for name in rows.columns])
            for number, row in enumerate(rows.fetchall(), start=1):
                for place, value in enumerate(row):
                    is_day = isinstance(value, datetime.date)
                    sheet.write(number, place, value, day if is_day else None)
