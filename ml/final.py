"""Final clusters: from many to few, and how many each category gets of a budget."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.algorithms import single_threaded
from ml.frames import by_category, typed_frame
from ml.joint import BOTH, joint_space, merged_labels, weight_of
from ml.merge import merge_path
from ml.settings import MergePaths, Merging, PrimarySide
from ml.sizes import cluster_size_floor, rebalance_by_value

PATHS = {
    "store_id": "str",
    "category": "str",
    "basis": "str",
    "leaf": "int64",
    "is_reassigned": "bool",
    "path": "object",
}
# Which sides may be the only one that final clusters are made of.
PRIMARY: dict[PrimarySide, tuple[str, ...]] = {
    "auto": BOTH,
    "internal": ("internal",),
    "external": ("external",),
}


@single_threaded
def merge_finals(
    joint: pd.DataFrame,
    wanted: pd.DataFrame,
    settings: MergePaths,
) -> pd.DataFrame:
    """Merge the clusters of both sides, step by step, down to one final cluster.

    Small clusters are rebalanced first (`ml.sizes`), then two are merged at a time
    (`ml.merge.merge_path`).

    Parameters
    ----------
    joint : DataFrame
        As for `ml.finish.finish_clusters`.
    wanted : DataFrame
        Columns category and clusters: where more than ``max_final_clusters`` are
        asked for, the path is as long.
    settings : MergePaths

    Returns
    -------
    DataFrame
        One row per row of ``joint`` and basis. leaf is the store's cluster before any
        two were merged; path its cluster for each number of clusters from 1 up (zero
        for a number that split rules make impossible); is_reassigned tells the stores
        that left a small cluster for another.
    """
    more = wanted.groupby("category")["clusters"].max().to_dict()

    def merge_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        longest = max(settings.max_final_clusters, more.get(category, 0))
        floor = cluster_size_floor(len(rows), settings)
        return pd.concat(
            rows.assign(
                basis=path.basis,
                leaf=np.unique(path.leaves, return_inverse=True)[1] + 1,
                is_reassigned=path.labels != path.leaves,
                path=list(path.steps),
            )
            for path in final_paths(rows, settings, floor=floor, longest=longest)
        )

    return typed_frame(by_category(joint, merge_category), PATHS)


@dataclass(frozen=True, kw_only=True)
class Path:
    """The labels of one category, each of shape (n,), from many clusters to few.

    ``steps`` has shape (n, m); see `ml.merge.merge_path`.
    """

    basis: str
    labels: np.ndarray
    leaves: np.ndarray
    steps: np.ndarray


def final_paths(
    rows: pd.DataFrame, settings: Merging, *, floor: int, longest: int
) -> Iterator[Path]:
    """Rebalance and merge the stores of one category, on every basis.

    Clusters of different split values are not merged, but where a value has too few
    stores for one of its own.

    Parameters
    ----------
    rows : DataFrame
        As for `merge_finals`, one category.
    settings : Merging
    floor, longest : int
        Stores that a cluster needs; most clusters wanted.
    """
    values = rows["split_value"].fillna("").to_numpy(dtype=str)
    names, sizes = np.unique(values, return_counts=True)
    own = np.where(np.isin(values, names[sizes >= floor]), values, "")
    for basis, sides in _bases(rows, settings).items():
        X, labels = (
            joint_space(rows, settings, sides=sides),
            merged_labels(rows, sides=sides),
        )
        leaves = rebalance_by_value(
            X, labels, values, floor=floor, mode=settings.rebalance_mode
        )
        groups = pd.Series(own).groupby(leaves).transform("max").to_numpy(dtype=str)
        steps = merge_path(X, leaves, groups, longest=longest)
        yield Path(basis=basis, labels=labels, leaves=leaves, steps=steps)


def _bases(rows: pd.DataFrame, settings: Merging) -> dict[str, tuple[str, ...]]:
    """Return by name the sides that final clusters may be made of.

    Both together, always; where stores differ on both, one alone as well.
    """
    split = all(len(rows[f"{side}_cluster"].unique()) > 1 for side in BOTH)
    sides = PRIMARY[settings.primary_side] if split else ()
    alone = [side for side in sides if weight_of(side, settings) > 0]
    return {"both": BOTH} | {side: (side,) for side in alone}


def allocate_budget(values: pd.DataFrame, total: int) -> pd.DataFrame:
    """Return the number of clusters of each category, at most ``total`` together.

    The total value is the highest there is: a multiple-choice knapsack (Kellerer,
    Pferschy and Pisinger 2004, Knapsack Problems, chapter 11), solved exactly by
    dynamic programming over the categories, in the time of categories x total x
    numbers of clusters. Of equally good numbers the smallest is taken.

    Parameters
    ----------
    values : DataFrame
        One row per category and number of clusters: category, clusters (from 1 up),
        value (in money, beyond that of one cluster; null is none); optionally
        is_allowed, False where the number may not be chosen.
    total : int
        Clusters of all categories together; 0 is no budget: each category gets the
        number of its highest value, the smallest such.

    Returns
    -------
    DataFrame
        One row per category, by name: category, clusters.

    Raises
    ------
    ValueError
        If the total is below the fewest clusters that the categories can have.

    Examples
    --------
    >>> values = pd.DataFrame({
    ...     "category": ["GIN"] * 3 + ["RUM"] * 3,
    ...     "clusters": [1, 2, 3] * 2,
    ...     "value": [0.0, 9.0, 10.0, 0.0, 4.0, 7.0],
    ... })
    >>> allocate_budget(values, 4).to_dict("list")
    {'category': ['GIN', 'RUM'], 'clusters': [2, 2]}
    >>> allocate_budget(values, 1)
    Traceback (most recent call last):
        ...
    ValueError: got total_final_clusters=1 for 2 categories that need 2 clusters at \
least, expected 0 (no budget) or at least 2: raise it, or leave categories out with \
excluded_categories
    """
    curves = _curves(values)
    least = sum(int(curve.index[0]) for curve in curves.values())
    if total and total < least:
        raise ValueError(
            f"got total_final_clusters={total} for {len(curves)} categories that need"
            f" {least} clusters at least, expected 0 (no budget) or at least {least}:"
            " raise it, or leave categories out with excluded_categories"
        )
    most = sum(int(curve.index[-1]) for curve in curves.values())
    chosen = _best_numbers(curves, min(total or most, most))
    return pd.DataFrame(
        {"category": list(chosen), "clusters": list(chosen.values())}
    ).astype({"category": "str", "clusters": "int64"})


def _curves(values: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the value of each category by number of clusters, where allowed."""
    if "is_allowed" in values:
        values = values[values["is_allowed"].astype(bool)]
    ordered = values.sort_values(["category", "clusters"])
    return {
        str(category): rows.set_index("clusters")["value"].astype(float).fillna(0.0)
        for category, rows in ordered.groupby("category", sort=True)
    }


def _best_numbers(curves: dict[str, pd.Series], total: int) -> dict[str, int]:
    """Return the clusters of each category that are worth most together.

    Examples
    --------
    >>> steep = pd.Series([0.0, 1.0, 9.0], index=[1, 2, 3])
    >>> _best_numbers({"GIN": steep, "RUM": pd.Series([0.0, 2.0], index=[1, 2])}, 4)
    {'GIN': 3, 'RUM': 1}
    """
    best = np.zeros(total + 1)
    numbers = {}
    for category, whole in curves.items():
        curve = whole.loc[:total]
        options = np.full((len(curve), total + 1), -np.inf)
        for row, (clusters, value) in enumerate(curve.items()):
            options[row, clusters:] = best[: total + 1 - clusters] + value
        best = options.max(axis=0)
        numbers[category] = curve.index.to_numpy()[options.argmax(axis=0)]
    chosen = {}
    for category in reversed(numbers):
        chosen[category] = int(numbers[category][total])
        total -= chosen[category]
    return dict(reversed(chosen.items()))
