"""How far two sets of labels of the same stores agree, per category.

Labels are series with an index of category and store_id.
"""

from collections.abc import Callable

import pandas as pd
from sklearn.metrics import adjusted_rand_score

KEY = ["category", "store_id"]


def agreement(left: pd.Series, right: pd.Series) -> pd.Series:
    """Return the adjusted Rand index of each category, over the stores in both.

    1 where both group the stores alike, about 0 where they agree by chance alone;
    a category that either of them lacks counts 0.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["GIN"], ["1", "2", "3"]], names=KEY)
    >>> agreement(pd.Series([1, 1, 2], index), pd.Series([7, 7, 3], index)).to_dict()
    {'GIN': 1.0}
    """
    return _by_category(left, right, adjusted_rand_score)


def shared_stores(left: pd.Series, right: pd.Series) -> pd.Series:
    """Return the number of stores of each category that have both labels."""
    return _by_category(left, right, lambda one, other: len(one)).astype(int)


def _by_category(
    left: pd.Series,
    right: pd.Series,
    measure: Callable[[pd.Series, pd.Series], float],
) -> pd.Series:
    both = pd.concat([left, right], axis=1, join="inner", keys=["left", "right"])
    measured = {
        category: measure(rows["left"], rows["right"])
        for category, rows in both.dropna().groupby("category")
    }
    categories = pd.concat([left, right]).index.unique("category").sort_values()
    return pd.Series(measured, dtype=float).reindex(categories, fill_value=0.0)
