"""Which table and which column is what: scores of all that could be, and the best."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import permutations, product
from math import log10
from typing import NamedTuple, TypeVar

from clustering.core.input.guesses.folder import Folder, Loaded
from clustering.core.input.guesses.names import is_called_other, likeness
from clustering.core.input.guesses.profiles import Profile

T = TypeVar("T")
# Points of a name that says it all; what contents say is worth about as much together.
NAME = 4.0
# Share of rows from which on one column determines another, and of values in common.
DETERMINES = 0.98
JOINS = 0.5
# More values than so many do not speak for a store: it might be a customer.
MANY = 30
# Points between the best and the next from which on a guess is sure.
CLEAR = 1.0


class Guess(NamedTuple):
    """A column that was found.

    Parameters
    ----------
    table : Loaded
        Where.
    column : Profile
        Which.
    why : str
        What speaks for it, in words.
    is_sure : bool
        Whether no other column comes near.
    """

    table: Loaded
    column: Profile
    why: str
    is_sure: bool


def best(choices: Iterable[tuple[T, float]]) -> tuple[T, float] | None:
    """Return the choice with the most points, and its lead; None where there is none.

    Of equal ones, the first counts.
    """
    ranked = sorted(choices, key=lambda choice: -choice[1])
    if not ranked:
        return None
    lead = ranked[0][1] - ranked[1][1] if len(ranked) > 1 else CLEAR
    return ranked[0][0], lead


def name_points(column: Profile, role: str) -> float:
    """Return the points of a column's name."""
    return NAME * likeness(column.name, role)


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


def measures(table: Loaded) -> list[Profile]:
    """Return the columns that may be amounts."""
    numbers = [one for one in table.columns if one.is_number and one.distinct > 1]
    return [table.melted] if table.melted else numbers


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
        (store, item), lead = found
        is_sure = lead >= CLEAR
        return (
            Guess(self.sales, store, self._why(store, "store"), is_sure),
            Guess(self.sales, item, self._why(item, "product"), is_sure),
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


class Groups(NamedTuple):
    """Category and need state of a product, and whether no other column comes near."""

    category: Profile
    need: Profile
    category_is_sure: bool
    need_is_sure: bool


def find_groups(
    folder: Folder, table: Loaded, item: Profile, sales: Loaded, sold: Profile
) -> Groups | None:
    """Return the columns that are the category and the need state of a product."""
    may_be = [
        one
        for one in table.columns
        if one.may_be_key
        and one is not item
        and one.distinct < item.distinct
        and folder.determined(table, item, one) >= 0.7
    ]
    in_sales = {
        one.key: table is not sales and _is_in_sales(folder, table, one, sales, sold)
        for one in may_be
    }
    pairs = (
        (category, need)
        for category, need in product(may_be, may_be)
        if need is not category and need.distinct > 1
    )
    scored = [
        (
            (category, need),
            _group_points(folder, table, item, category, need)
            + 3.0 * in_sales[category.key],
        )
        for category, need in pairs
    ]
    found = best(scored)
    if found is None:
        return None
    (category, need), lead = found
    most = max(points for _, points in scored)
    others = [points for (other, _), points in scored if other is not category]
    return Groups(
        category, need, most - max(others, default=0.0) >= CLEAR, lead >= CLEAR
    )


def _is_in_sales(
    folder: Folder, table: Loaded, column: Profile, sales: Loaded, sold: Profile
) -> bool:
    """Return whether the sales have a group of products, too."""
    return category_in(folder, table, column, sales, sold) is not None


def category_in(
    folder: Folder, table: Loaded, category: Profile, sales: Loaded, sold: Profile
) -> Profile | None:
    """Return the column of the sales with the category of a product."""
    if table is sales:
        return category
    found = best(
        (one, folder.overlap(table, category, sales, one))
        for one in keys_of(sales)
        if one is not sold
        and not one.is_number
        and one.distinct <= 2 * category.distinct
        and folder.overlap(table, category, sales, one) >= 0.8
        and folder.determined(sales, sold, one) >= 0.9
    )
    return found and found[0]


def _group_points(
    folder: Folder, table: Loaded, item: Profile, category: Profile, need: Profile
) -> float:
    nested = folder.determined(table, need, category) >= DETERMINES
    several = folder.several(table, need, category)
    points = name_points(category, "category") + name_points(need, "need")
    points += name_points(need, "cdt") / 2
    points += 2.0 * nested + 5.5 * several - 4.0
    points += 0.5 * log10(need.distinct) - 0.3 * log10(category.distinct)
    points -= 5.0 * (need.distinct > max(item.distinct / 3, 3))
    points -= 1.0 * (category.distinct == 1) + 3.0 * (category.distinct > 300)
    return points - 1.0 * (folder.determined(table, item, category) < 0.9)


def find_sales(
    folder: Folder, table: Loaded, taken: Sequence[Profile]
) -> tuple[Guess, Guess | None] | None:
    """Return the columns with the value of sales, and with units."""
    if table.melted:
        why = f"{len(table.wide.names) if table.wide else 0} columns, one per period"
        is_sure = table.wide is None or table.wide.is_sure
        return Guess(table, table.melted, why, is_sure), None
    # what a store or a product has one of is no amount: a price, another number of it
    numbers = [
        one
        for one in measures(table)
        if one not in taken
        and not any(folder.determined(table, key, one) >= DETERMINES for key in taken)
    ]
    factors = factors_of(folder, table, numbers)
    found = best((one, _sales_points(one, factors)) for one in numbers)
    if found is None:
        return None
    sales, lead = found
    reason = "units times a price" if factors and factors[0] is sales else ""
    why = _amount_why(
        sales, "sales", reason or "amounts with cents" * (sales.whole < 1)
    )
    units = best(
        (one, points)
        for one in numbers
        if one is not sales and (points := _units_points(one, factors)) >= 1.5
    )
    return Guess(table, sales, why, lead >= CLEAR), units and Guess(
        table,
        units[0],
        _amount_why(units[0], "units", "whole numbers"),
        units[1] >= CLEAR,
    )


def _amount_why(column: Profile, role: str, reason: str) -> str:
    named = "its name" if likeness(column.name, role) else ""
    return ", ".join(filter(None, (named, reason))) or "the largest amounts"


def factors_of(
    folder: Folder, table: Loaded, numbers: Sequence[Profile]
) -> tuple[Profile, Profile, Profile] | None:
    """Return three columns of which the first is the product: sales, units, price."""
    for units, price, sales in permutations(numbers, 3):
        if units.whole < 0.9 or sales.mean < max(units.mean, price.mean):
            continue
        share = folder.measured(
            table,
            f"avg((abs({sales.value} - {units.value} * {price.value}) < 0.006)::int)"
            f" filter ({units.value} <> 1)",
        )
        if share > 0.9:
            return sales, units, price
    return None


def _sales_points(
    column: Profile, factors: tuple[Profile, Profile, Profile] | None
) -> float:
    points = name_points(column, "sales") - NAME * is_called_other(column.name)
    points += 2.0 * (column.whole < 1) + 2.0 * (column.positive > 0.8)
    points += 0.3 * log10(max(abs(column.mean), 0.01))
    points -= 2.0 * (column.precise > 0.5)
    if factors:
        points += 3.0 * (column is factors[0]) - 3.0 * (column is factors[2])
    return points - name_points(column, "units")


def _units_points(
    column: Profile, factors: tuple[Profile, Profile, Profile] | None
) -> float:
    points = name_points(column, "units") - NAME * is_called_other(column.name)
    points += 1.0 * (column.whole > 0.9) + 1.0 * (0 < column.mean < 1000)
    return points + 3.0 * (factors is not None and column is factors[1])


def find_period(table: Loaded) -> Guess | None:
    """Return the column with the date of a sale."""
    found = best(
        (one, name_points(one, "period") + (one.distinct > 1))
        for one in table.columns
        if one.is_date
    )
    if found is None:
        return None
    column, lead = found
    return Guess(table, column, "dates", lead >= CLEAR and column.written.is_sure)


def find_coordinates(table: Loaded) -> tuple[Guess, Guess] | None:
    """Return latitude and longitude: the two numbers with many decimals that fit."""
    degrees = [
        one
        for one in table.columns
        if one.is_number and one.precise > 0.8 and max(-one.least, one.most) <= 180
    ]
    named = [
        best(
            (one, name_points(one, role)) for one in degrees if likeness(one.name, role)
        )
        for role in ("latitude", "longitude")
    ]
    if all(named):
        latitude, longitude = (found[0] for found in named if found)
        return _coordinates(table, latitude, longitude, "its name", is_sure=True)
    found = best(
        ((north, east), _degrees_points(north, east))
        for north, east in permutations(degrees, 2)
        if _degrees_points(north, east) > 0
    )
    if found is None:
        return None
    (north, east), lead = found
    return _coordinates(table, north, east, "degrees", is_sure=lead >= CLEAR)


def _coordinates(
    table: Loaded, north: Profile, east: Profile, why: str, *, is_sure: bool
) -> tuple[Guess, Guess]:
    return Guess(table, north, why, is_sure), Guess(table, east, why, is_sure)


def _degrees_points(north: Profile, east: Profile) -> float:
    """Return points of two columns as coordinates: far from 0 for what they span."""
    if max(-north.least, north.most) > 90:
        return 0.0

    def is_far(column: Profile) -> bool:
        span = column.most - column.least
        return span > 0 and abs(column.mean) > span

    if not is_far(north):
        return 0.0
    beyond = max(-east.least, east.most) > 90 or (east.most < 0 < north.least)
    return 1.0 + 2.0 * beyond + 1.0 * is_far(east) + (abs(north.mean) > abs(east.mean))
