"""A mapping for the files of a folder, with the reasons for every part of it."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from clustering.core.errors import InputError
from clustering.core.input.guesses.amounts import find_period, find_sales
from clustering.core.input.guesses.coordinates import find_coordinates
from clustering.core.input.guesses.folder import (
    Folder,
    Loaded,
    tables_of_database,
    tables_of_folder,
)
from clustering.core.input.guesses.groups import Groups, category_in, find_groups
from clustering.core.input.guesses.keys import Keys, sales_table
from clustering.core.input.guesses.names import likeness
from clustering.core.input.guesses.profiles import Profile, signs_of
from clustering.core.input.guesses.scores import DETERMINES, JOINS, Guess, best
from clustering.core.mapping import MappedTable, Mapping, Melt

MOST_ATTRIBUTES = 6
ATTRIBUTE = re.compile(r"(?i)attribute_\d")
# What a column per category has.
VALUES = "MARKET_VALUE"
# Without these columns, there are no clusters.
REQUIRED = {
    "internal_sales": ("STORE_NBR", "SKU_NBR", "TOTAL_SALES"),
    "need_state": ("PRODUCT_ID", "CATEGORY", "NEED_STATE"),
    "store_attributes": ("STORE_NBR",),
}


@dataclass
class Found:
    """A raw table: where it is, and which columns.

    Parameters
    ----------
    table : Loaded
        The user's table.
    columns : dict
        By column of the contract.
    features : list of Profile or None
        Other columns that are features; None: all.
    distinct : bool
        Whether its rows are repeated there.
    melt : Melt or None
        How columns become rows.
    """

    table: Loaded
    columns: dict[str, Guess] = field(default_factory=dict)
    features: list[Profile] | None = None
    distinct: bool = False
    melt: Melt | None = None


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
    products, product, groups = _find_products(folder, keys, item)
    found = {
        "internal_sales": _sales(folder, store, item, groups, products),
        "need_state": _needs(folder, products, product, groups, item),
    }
    used = {found["internal_sales"].table.name, products.name}
    stores = keys.store_table(store.column)
    if stores and stores[0].name not in used:
        found["store_attributes"] = _stores(*stores)
        used.add(stores[0].name)
    else:
        taken = [
            one.column for table in found.values() for one in table.columns.values()
        ]
        found["store_attributes"] = _stores_of_sales(folder, store, item, taken)
    others = [table for table in folder.tables if table.name not in used]
    if groups and (market := _market(folder, others, store, products, groups)):
        found["external_sales"] = market
    return found


def _find_products(
    folder: Folder, keys: Keys, item: Guess
) -> tuple[Loaded, Guess, Groups | None]:
    """Return the table with products, their key, and their groups: else the sales."""
    separate = keys.product_table(item.column)
    if separate:
        table, column = separate
        groups = find_groups(folder, table, column, item.table, item.column)
        if groups:
            share = folder.overlap(item.table, item.column, table, column)
            why = f"{share:.0%} of the products sold are in it"
            return table, Guess(table, column, why, True), groups
    groups = find_groups(folder, item.table, item.column, item.table, item.column)
    return item.table, item, groups


def _sales(
    folder: Folder, store: Guess, item: Guess, groups: Groups | None, products: Loaded
) -> Found:
    table = store.table
    found = Found(table, {"STORE_NBR": store, "SKU_NBR": item})
    taken = [store.column, item.column]
    category = groups and category_in(
        folder, products, groups.category, table, item.column
    )
    if groups and category:
        why = _why_category(products, groups, table)
        found.columns["CAT_DSC"] = Guess(table, category, why, groups.category_is_sure)
        taken.append(category)
    amounts = find_sales(folder, table, taken)
    if amounts:
        sales, units = amounts
        found.columns["TOTAL_SALES"] = sales
        if units:
            found.columns["UNITS"] = units
    if table.wide:
        found.melt = table.wide.melt
    elif period := find_period(table):
        found.columns["PERIOD_START"] = period
    return found


def _why_category(products: Loaded, groups: Groups, sales: Loaded) -> str:
    if products is sales:
        return "products have one each"
    return f"the values of {groups.category.name} in {products.title}"


def _needs(
    folder: Folder,
    table: Loaded,
    product: Guess,
    groups: Groups | None,
    item: Guess,
) -> Found:
    found = Found(table, {"PRODUCT_ID": product}, distinct=table is item.table)
    if groups is None:
        return found
    category, need = groups.category, groups.need
    levels = f"{need.distinct:,} values in {category.distinct:,} of {category.name}"
    found.columns["CATEGORY"] = Guess(
        table, category, _one_each(category), groups.category_is_sure
    )
    found.columns["NEED_STATE"] = Guess(table, need, levels, groups.need_is_sure)
    more = _attributes(folder, table, product.column, (category, need))
    if cdt := _find_cdt(folder, table, more, groups):
        found.columns["CDT"] = Guess(
            table, cdt, f"between the two: {cdt.distinct}", True
        )
        more.remove(cdt)
    named = [one for one in more if ATTRIBUTE.fullmatch(one.name)]
    for number, one in enumerate((named or more)[:MOST_ATTRIBUTES], start=1):
        found.columns[f"ATTRIBUTE_{number}"] = Guess(table, one, _one_each(one), True)
    return found


def _one_each(column: Profile) -> str:
    return f"products have one each, {column.distinct:,} in all"


def _attributes(
    folder: Folder, table: Loaded, product: Profile, taken: Collection[Profile]
) -> list[Profile]:
    """Return the other texts of which a product has one, and shares it with others."""
    return [
        one
        for one in table.columns
        if one is not product
        and one not in taken
        and one.may_be_key
        and not one.is_number
        and 1 < one.distinct <= max(product.distinct / 3, 3)
        and folder.determined(table, product, one) >= DETERMINES
    ]


def _find_cdt(
    folder: Folder, table: Loaded, columns: Iterable[Profile], groups: Groups
) -> Profile | None:
    """Return the column between category and need state."""
    category, need = groups.category, groups.need
    named = [one for one in columns if likeness(one.name, "cdt")]
    if named:
        return named[0]
    found = best(
        (one, float(one.distinct))
        for one in columns
        if category.distinct < one.distinct < need.distinct
        and folder.determined(table, need, one) >= DETERMINES
        and folder.determined(table, one, category) >= DETERMINES
    )
    return found and found[0]


def _stores(table: Loaded, key: Profile) -> Found:
    """Return the table with a row per store."""
    found = Found(
        table, {"STORE_NBR": Guess(table, key, "a row per store of the sales", True)}
    )
    coordinates = find_coordinates(table)
    if coordinates:
        found.columns["LATITUDE"], found.columns["LONGITUDE"] = coordinates
    return found


def _stores_of_sales(
    folder: Folder, store: Guess, item: Guess, taken: Collection[Profile]
) -> Found:
    """Return the stores of the sales, with what they have one of each."""
    table = store.table
    features = [
        one
        for one in table.columns
        if one not in taken
        and one.distinct > 1
        and folder.determined(table, store.column, one) == 1
        and folder.determined(table, item.column, one) < 1
    ]
    key = Guess(table, store.column, "no table of stores: those of the sales", True)
    return Found(table, {"STORE_NBR": key}, features=features, distinct=True)


def _market(
    folder: Folder,
    tables: Iterable[Loaded],
    store: Guess,
    products: Loaded,
    groups: Groups,
) -> Found | None:
    """Return the table with a row per store and category, or a column per category."""
    for table in tables:
        keys = [one for one in table.columns if one.may_be_key]
        shared = [
            (one, folder.overlap(store.table, store.column, table, one)) for one in keys
        ]
        place = best((one, share) for one, share in shared if share >= JOINS)
        if place is None:
            continue
        key = Guess(table, place[0], "stores of the sales", True)
        found = Found(table, {"STORE_NBR": key})
        group = best(
            (one, share)
            for one in keys
            if one is not key.column
            and not one.is_number
            and (share := folder.overlap(products, groups.category, table, one)) >= 0.8
        )
        if group:
            why = f"values of {groups.category.name}"
            found.columns["CATEGORY"] = Guess(table, group[0], why, True)
            return found
        columns = folder.named_after(table, products, groups.category)
        if len(columns) > 1:
            found.melt = Melt(into="CATEGORY", values=VALUES, columns=columns)
            return found
    return None


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
