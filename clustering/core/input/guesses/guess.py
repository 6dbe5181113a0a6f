"""A mapping for the files of a folder, with the reasons for every part of it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from clustering.core.errors import InputError
from clustering.core.input.guesses.folder import (
    Folder,
    tables_of_database,
    tables_of_folder,
)
from clustering.core.input.guesses.keys import Keys, sales_table
from clustering.core.input.guesses.profiles import signs_of
from clustering.core.input.guesses.tables import (
    Found,
    find_products,
    market_of,
    needs_of,
    sales_of,
    stores_in,
    stores_of_sales,
)
from clustering.core.mapping import MappedTable, Mapping

# Without these columns, there are no clusters.
REQUIRED = {
    "internal_sales": ("STORE_NBR", "SKU_NBR", "TOTAL_SALES"),
    "need_state": ("PRODUCT_ID", "CATEGORY", "NEED_STATE"),
    "store_attributes": ("STORE_NBR",),
}


@dataclass(frozen=True)
class Guessed:
    """What was found in a folder.

    Parameters
    ----------
    found : dict of Found
        By raw table.
    mapping : Mapping
        The same, as the environment's file has it.
    problem : str or None
        Which required column was not found, what could be it, and how to say so.
    notes : list of str
        Files that are not used, and those that cannot be read.
    """

    found: dict[str, Found]
    mapping: Mapping
    problem: str | None
    notes: list[str]


def guess_database(database: str, *, schema: str, copies: Path) -> Guessed:
    """Guess which tables and columns of a database the raw tables are.

    Parameters
    ----------
    database : str
        The environment variable that has the connection string.
    schema : str
        The schema that has the tables.
    copies : Path
        Where copies of the tables go.

    Raises
    ------
    InputError
        As :func:`guess_mapping`, or if the database cannot be read.
    """
    with duckdb.connect() as connection:
        tables = tables_of_database(database, schema, copies)
        return _guess(Folder(tables, connection), {"database": database}, schema)


def guess_mapping(path: Path, *, contract: Collection[str], copies: Path) -> Guessed:
    """Guess which files and columns of a folder the raw tables are.

    Parameters
    ----------
    path : Path
        The folder.
    contract : collection of str
        Names of the raw tables.
    copies : Path
        Where copies of workbooks go.

    Raises
    ------
    InputError
        If there is no table, or none with sales of stores and products.
    """
    with duckdb.connect() as connection:
        tables = tables_of_folder(path, contract, copies, connection)
        where = {"folder": path.resolve()}
        return _guess(Folder(tables, connection), where, str(path))


def _guess(folder: Folder, place: dict, where: str) -> Guessed:
    found = _find(folder, where)
    tables = {name: _mapped(one) for name, one in found.items()}
    mapping = Mapping.model_validate({**place, "tables": tables})
    return Guessed(found, mapping, _problem(found), list(_notes(folder, found)))


def _find(folder: Folder, where: str) -> dict[str, Found]:
    sales = sales_table(folder.tables)
    keys = Keys(folder, sales) if sales else None
    pair = keys.find() if keys else None
    if sales is None or keys is None or pair is None:
        raise InputError(
            f"{where}: no table with a store, a product and an amount in each row,"
            f" found {', '.join(table.title for table in folder.tables)}; add the table"
            " of sales"
        )
    store, item = pair
    products, product, groups = find_products(folder, keys, item)
    found = {
        "internal_sales": sales_of(folder, store, item, groups, products),
        "need_state": needs_of(folder, products, product, groups, item),
    }
    used = {found["internal_sales"].table.name, products.name}
    stores = keys.store_table(store.column)
    if stores and stores[0].name not in used:
        found["store_attributes"] = stores_in(*stores)
        used.add(stores[0].name)
    else:
        taken = [
            one.column for table in found.values() for one in table.columns.values()
        ]
        found["store_attributes"] = stores_of_sales(folder, store, item, taken)
    others = [table for table in folder.tables if table.name not in used]
    if groups and (market := market_of(folder, others, store, products, groups)):
        found["external_sales"] = market
    return found


def _mapped(found: Found) -> MappedTable:
    """Return a table as a mapping has it."""
    used = [one.column for one in found.columns.values()]
    shown = found.table.columns if found.features is None else [*used, *found.features]
    written = [one.written for one in shown]
    if found.table.melted:
        written.append(found.table.melted.written)
    signs = signs_of(written)
    period = found.columns.get("PERIOD_START")
    columns: dict[str, str | None] = {
        name: one.column.name
        for name, one in found.columns.items()
        if one.column is not found.table.melted
    }
    is_sales = "SKU_NBR" in columns
    if is_sales and "CAT_DSC" not in columns:
        columns["CAT_DSC"] = None
    is_feature = {"STORE_NBR"} == set(columns) - {"LATITUDE", "LONGITUDE", "CATEGORY"}
    features = None if found.features is None else [one.name for one in found.features]
    return found.table.source.model_copy(
        update={
            "columns": columns,
            "features": features,
            "distinct": found.distinct,
            "melt": found.melt,
            "dates": period and period.column.written.dates,
            "decimal": signs.decimal,
            "thousands": signs.thousands,
            "currency": signs.currency,
            "nulls": signs.nulls,
            "percent": [
                one.name for one in shown if is_feature and one.written.is_percent
            ],
        }
    )


def _problem(found: dict[str, Found]) -> str | None:
    """Return which required column is missing, and how to say where it is."""
    for name, columns in REQUIRED.items():
        table = found[name]
        for column in columns:
            if column in table.columns:
                continue
            used = {one.column.name for one in table.columns.values()}
            free = [one for one in table.table.columns if one.name not in used]
            shown = ", ".join(f"{one.name} ({one.distinct:,} values)" for one in free)
            return (
                f"{table.table.title}: no column found for {column} of {name};"
                f" candidates: {shown or 'none'}; write `{column}: NAME` under"
                f" input.tables.{name}.columns"
            )
    return None


def _notes(folder: Folder, found: dict[str, Found]) -> Iterator[str]:
    used = {one.table.name for one in found.values()}
    unused = [table.title for table in folder.tables if table.name not in used]
    if unused:
        yield f"not used: {', '.join(unused)}"
    for problem in folder.unread:
        yield f"not read: {problem}"
