"""The columns of sales with amounts, units and dates."""

from collections.abc import Sequence
from itertools import permutations
from math import log10

from clustering.core.input.guesses.folder import Folder, Loaded
from clustering.core.input.guesses.names import is_called_other, likeness
from clustering.core.input.guesses.profiles import Profile
from clustering.core.input.guesses.scores import (
    CLEAR,
    DETERMINES,
    NAME,
    Guess,
    best,
    name_points,
)


def measures(table: Loaded) -> list[Profile]:
    """Return the columns that may be amounts."""
    numbers = [one for one in table.columns if one.is_number and one.distinct > 1]
    return [table.melted] if table.melted else numbers


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
    sales, lead, other = found
    reason = "units times a price" if factors and factors[0] is sales else ""
    why = _amount_why(
        sales, "sales", reason or "amounts with cents" * (sales.whole < 1)
    )
    units = best(
        (one, points)
        for one in numbers
        if one is not sales and (points := _units_points(one, factors)) >= 1.5
    )
    return Guess(table, sales, why, lead >= CLEAR, other), units and Guess(
        table,
        units[0],
        _amount_why(units[0], "units", "whole numbers"),
        units[1] >= CLEAR,
        units[2],
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
    column, lead, other = found
    is_sure = lead >= CLEAR and column.written.is_sure
    return Guess(table, column, "dates", is_sure, other)
