"""The table of sales, and its columns with the store and the product."""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import permutations
from math import log10

from clustering.core.input.guesses.amounts import factors_of, measures
from clustering.core.input.guesses.folder import Folder, Loaded
from clustering.core.input.guesses.names import likeness
from clustering.core.input.guesses.profiles import Profile
from clustering.core.input.guesses.scores import (
    CLEAR,
    DETERMINES,
    JOINS,
    Guess,
    best,
    name_points,
)

# More values than so many do not speak for a store: it might be a customer.
MANY = 30


def sales_table(tables: Sequence[Loaded]) -> Loaded | None:
    """Return the table with sales: the longest one with an amount."""

    def points(table: Loaded) -> float:
        many = table.rows * (len(table.wide.names) if table.wide else 1)
        called = likeness(table.title.partition(".")[0], "internal_sales")
        is_market = likeness(table.title.partition(".")[0], "external_sales")
        return log10(many) + 2 * called - 2 * is_market

    amounts = [table for table in tables if measures(table)]
    found = best((table, points(table)) for table in amounts)
    return found and found[0]


def keys_of(table: Loaded) -> list[Profile]:
    """Return the columns that may name a store or a product: no line has its own."""
    most = max(table.rows / 4, 50)
    return [
        one
        for one in table.columns
        if one.may_be_key and 2 <= one.distinct <= most and one.least >= 0
    ]


class Keys:
    """Finds store and product in the sales.

    Parameters
    ----------
    folder : Folder
        All tables.
    sales : Loaded
        The one with sales.
    """

    def __init__(self, folder: Folder, sales: Loaded) -> None:
        self.folder, self.sales = folder, sales
        self.others = [table for table in folder.tables if table is not sales]
        self.factors = factors_of(folder, sales, measures(sales))
        self.keys = [one for one in keys_of(sales) if one not in (self.factors or ())]

    def find(self) -> tuple[Guess, Guess] | None:
        """Return store and product."""
        stores = {key.key: self._store_points(key) for key in self.keys}
        products = {key.key: self._product_points(key) for key in self.keys}
        found = best(
            (
                (store, item),
                stores[store.key] + products[item.key] + self._apart(store, item),
            )
            for store, item in permutations(self.keys, 2)
        )
        if found is None:
            return None
        (store, item), lead, other = found
        place, thing = other or (None, None)
        is_sure = lead >= CLEAR
        return (
            Guess(self.sales, store, self._why(store, "store"), is_sure, place),
            Guess(self.sales, item, self._why(item, "product"), is_sure, thing),
        )

    def store_table(self, store: Profile) -> tuple[Loaded, Profile] | None:
        """Return the table with a row per store, and its key."""
        found = best(self._tables_of(store, _store_table_points))
        return found and found[0]

    def product_table(self, item: Profile) -> tuple[Loaded, Profile] | None:
        """Return the table with products, and its key."""
        found = best(self._tables_of(item, _product_table_points))
        return found and found[0]

    def _tables_of(
        self, key: Profile, points: Callable[[Loaded, Profile], float]
    ) -> list[tuple[tuple[Loaded, Profile], float]]:
        """Return tables that have the values of a key, those that fit a role."""
        return [
            ((table, column), worth + overlap)
            for table in self.others
            for column in table.columns
            if column.may_be_key
            and (worth := points(table, column)) > 0
            and (overlap := self.folder.overlap(self.sales, key, table, column))
            >= JOINS
        ]

    def _store_points(self, key: Profile) -> float:
        found = best(self._tables_of(key, _store_table_points))
        joined = _store_table_points(*found[0]) if found else 0
        return (
            name_points(key, "store")
            + joined
            + 1.0 * any(self._levels(key, coarser=1.0))
            + log10(min(key.distinct, MANY))
            - 2.0 * self.folder.explained(self.sales, key, self._amount)
            - self._is_below(key)
        )

    def _product_points(self, key: Profile) -> float:
        found = best(self._tables_of(key, _product_table_points))
        joined = _product_table_points(*found[0]) if found else 0
        levels = self._levels(key)
        return (
            name_points(key, "product")
            + joined
            + min(1.0, len(levels) / 2)
            + 1.5 * self.folder.explained(self.sales, key, self._price)
            - self._is_below(key)
        )

    @cached_property
    def _amount(self) -> str:
        """SQL of the logarithm of what a row is worth."""
        amounts = measures(self.sales)
        cents = [one for one in amounts if one.whole < 1] or amounts
        largest = max(cents, key=lambda one: one.mean)
        if self.factors:
            largest = self.factors[0]
        return f"ln(nullif(abs({largest.value}), 0))"

    @cached_property
    def _price(self) -> str:
        """SQL of the logarithm of a price: the worth of a row by its units, if any."""
        whole = [one for one in measures(self.sales) if one.whole == 1]
        logarithms = [f"ln(nullif(abs({one.value}), 0))" for one in whole]
        found = best(
            (units, self.folder.measured(self.sales, f"corr({units}, {self._amount})"))
            for units in logarithms
        )
        is_units = (
            found
            and self.folder.measured(self.sales, f"corr({found[0]}, {self._amount})")
            > 0.2
        )
        return f"{self._amount} - {found[0]}" if found and is_units else self._amount

    def _levels(self, key: Profile, *, coarser: float = 2.0) -> list[Profile]:
        """Return the columns that a key determines, so many times coarser or more."""
        return [
            other
            for other in self.keys
            if other.distinct < key.distinct
            and other.distinct * coarser <= key.distinct
            and self.folder.determined(self.sales, key, other) >= DETERMINES
        ]

    def _is_below(self, key: Profile) -> float:
        """Return points against a key that a finer one determines: a city, a brand."""
        finer = (other for other in self.keys if other.distinct > key.distinct)
        return 2.0 * any(
            self.folder.determined(self.sales, other, key) >= DETERMINES
            for other in finer
        )

    def _apart(self, store: Profile, item: Profile) -> float:
        """Return points against two keys of which one determines the other."""
        tied = max(
            self.folder.determined(self.sales, store, item),
            self.folder.determined(self.sales, item, store),
        )
        return -6.0 if tied >= DETERMINES else 0.0

    def _why(self, key: Profile, role: str) -> str:
        tables = self.store_table(key) if role == "store" else self.product_table(key)
        reasons = ["its name"] if likeness(key.name, role) else []
        if tables:
            table, column = tables
            share = self.folder.overlap(self.sales, key, table, column)
            reasons.append(f"{share:.0%} of its values are in {table.title}")
        levels = self._levels(key) if role == "product" else []
        if levels:
            reasons.append(f"it determines {levels[0].name}")
        return ", ".join(reasons) or f"{key.distinct:,} values"


def _store_table_points(table: Loaded, key: Profile) -> float:
    """Return points of a table with a row per store and figures of its surroundings."""
    if key.distinct < DETERMINES * key.filled or key.filled < 0.9 * table.rows:
        return 0.0
    others = [one for one in table.columns if one is not key]
    figures = sum(one.is_number for one in others)
    called = likeness(table.title.partition(".")[0], "store_attributes")
    return 0.5 + min(2.5, figures / 2) + called + name_points(key, "store") / 4


def _product_table_points(table: Loaded, key: Profile) -> float:
    """Return points of a table with products and texts that group them."""
    if key.filled > 3 * key.distinct or key.distinct < 2:
        return 0.0
    groups = [
        one
        for one in table.columns
        if one is not key
        and not one.is_number
        and 1 <= one.distinct <= key.distinct / 2
    ]
    figures = sum(one.is_number and one.whole < 1 for one in table.columns)
    called = likeness(table.title.partition(".")[0], "need_state")
    if not groups:
        return 0.0
    return (
        0.5
        + min(2.5, len(groups))
        - figures / 2
        + called
        + name_points(key, "product") / 4
    )
