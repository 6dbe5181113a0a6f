"""The raw tables, each found among the tables of a folder."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from clustering.core.input.guesses.amounts import find_period, find_sales
from clustering.core.input.guesses.coordinates import find_coordinates
from clustering.core.input.guesses.folder import Folder, Loaded
from clustering.core.input.guesses.groups import Groups, category_in, find_groups
from clustering.core.input.guesses.keys import Keys
from clustering.core.input.guesses.names import likeness
from clustering.core.input.guesses.profiles import Profile
from clustering.core.input.guesses.scores import DETERMINES, JOINS, Guess, best
from clustering.core.mapping import Melt

MOST_ATTRIBUTES = 6
ATTRIBUTE = re.compile(r"(?i)attribute_\d")
# What a column per category has.
VALUES = "MARKET_VALUE"


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

    @property
    def features_shown(self) -> list[Profile]:
        """The columns that are features, if it is a table of stores or markets."""
        if "STORE_NBR" not in self.columns or "SKU_NBR" in self.columns:
            return []
        if self.features is not None:
            return self.features
        used = [one.column for one in self.columns.values()]
        melted = (self.melt and self.melt.columns) or ()
        return [
            one
            for one in self.table.columns
            if one not in used and one.name not in melted
        ]


def find_products(
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


def sales_of(
    folder: Folder, store: Guess, item: Guess, groups: Groups | None, products: Loaded
) -> Found:
    """Return the sales: store, product, category, amounts and dates."""
    table = store.table
    found = Found(table, {"STORE_NBR": store, "SKU_NBR": item})
    taken = [store.column, item.column]
    category = groups and category_in(
        folder, products, groups.category, table, item.column
    )
    if groups and category:
        why = _why_category(products, groups, table)
        is_sure = groups.category_is_sure
        other = groups.other_category if products is table else None
        found.columns["CAT_DSC"] = Guess(table, category, why, is_sure, other)
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


def needs_of(
    folder: Folder,
    table: Loaded,
    product: Guess,
    groups: Groups | None,
    item: Guess,
) -> Found:
    """Return the products: category, need state, and what else a product has."""
    found = Found(table, {"PRODUCT_ID": product}, distinct=table is item.table)
    if groups is None:
        return found
    category, need = groups.category, groups.need
    levels = f"{need.distinct:,} values in {category.distinct:,} of {category.name}"
    found.columns["CATEGORY"] = Guess(
        table,
        category,
        _one_each(category),
        groups.category_is_sure,
        groups.other_category,
    )
    found.columns["NEED_STATE"] = Guess(
        table, need, levels, groups.need_is_sure, groups.other_need
    )
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


def stores_in(table: Loaded, key: Profile) -> Found:
    """Return the table with a row per store."""
    found = Found(
        table, {"STORE_NBR": Guess(table, key, "a row per store of the sales", True)}
    )
    coordinates = find_coordinates(table)
    if coordinates:
        found.columns["LATITUDE"], found.columns["LONGITUDE"] = coordinates
    return found


def stores_of_sales(
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


def market_of(
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
