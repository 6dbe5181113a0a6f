"""The category and the need state of a product."""

from itertools import product
from math import log10
from typing import NamedTuple

from clustering.core.input.guesses.folder import Folder, Loaded
from clustering.core.input.guesses.keys import keys_of
from clustering.core.input.guesses.profiles import Profile
from clustering.core.input.guesses.scores import CLEAR, DETERMINES, best, name_points


class Groups(NamedTuple):
    """Category and need state of a product, how sure they are, and what comes next."""

    category: Profile
    need: Profile
    category_is_sure: bool
    need_is_sure: bool
    other_category: Profile | None = None
    other_need: Profile | None = None


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
    (category, need), lead, other = found
    most = max(points for _, points in scored)
    others = [(points, one) for (one, _), points in scored if one is not category]
    points, other_category = max(others, key=lambda x: x[0], default=(0.0, None))
    return Groups(
        category,
        need,
        most - points >= CLEAR,
        lead >= CLEAR,
        other_category,
        other[1] if other else None,
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
