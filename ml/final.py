"""Final clusters: both sides merged, or the one that tells more, from many to few."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.determinism import single_threaded
from ml.frames import by_category, typed_frame
from ml.joint import joint_space
from ml.merge import merge_path
from ml.options import chosen
from ml.rebalance import rebalance_by_value
from ml.sizes import cluster_size_floor

PATHS = {
    "store_id": "str",
    "category": "str",
    "basis": "str",
    "leaf": "int64",
    "is_reassigned": "bool",
    "path": "object",
}
BOTH = ("internal", "external")
# Which sides may be the only one that final clusters are made of.
PRIMARY = {"auto": BOTH, "internal": ("internal",), "external": ("external",)}


@dataclass(frozen=True, kw_only=True)
class Merging:
    """How clusters of two sides become final ones.

    Parameters
    ----------
    primary_side : str
        auto, internal or external: the side that final clusters may be made of alone;
        auto is either.
    rebalance_mode : str
        See `ml.rebalance.rebalance`.
    min_cluster_size, min_cluster_share, max_size_floor_share : int, float, float
        See `ml.sizes.cluster_size_floor`.
    internal_weight, external_weight : float
        See `ml.joint.joint_space`.
    """

    primary_side: str
    rebalance_mode: str
    min_cluster_size: int
    min_cluster_share: float
    max_size_floor_share: float
    internal_weight: float
    external_weight: float

    def floor(self, stores: int) -> int:
        """Return how many stores a final cluster of so many needs."""
        return cluster_size_floor(
            stores,
            min_cluster_size=self.min_cluster_size,
            min_cluster_share=self.min_cluster_share,
            max_size_floor_share=self.max_size_floor_share,
        )

    def space(self, rows: pd.DataFrame, sides: tuple[str, ...] = BOTH) -> np.ndarray:
        """Return the joint space of one category, or that of one side alone."""
        return joint_space(
            rows,
            internal_weight=self.internal_weight * ("internal" in sides),
            external_weight=self.external_weight * ("external" in sides),
        )

    def bases(self, rows: pd.DataFrame) -> dict[str, tuple[str, ...]]:
        """Return by name the sides that final clusters may be made of.

        Both together, always; where stores differ on both, one alone as well.
        """
        weights = {"internal": self.internal_weight, "external": self.external_weight}
        split = all(len(rows[f"{side}_cluster"].unique()) > 1 for side in BOTH)
        sides = chosen("primary_side", self.primary_side, PRIMARY)
        alone = [side for side in sides if split and weights[side] > 0]
        return {"both": BOTH} | {side: (side,) for side in alone}


@single_threaded
def merge_finals(
    joint: pd.DataFrame,
    wanted: pd.DataFrame,
    *,
    max_final_clusters: int,
    **merging: str | float,
) -> pd.DataFrame:
    """Merge the clusters of both sides, step by step, down to one final cluster.

    Small clusters are rebalanced first (`ml.rebalance`), then two are merged at a time
    (`ml.merge.merge_path`).

    Parameters
    ----------
    joint : DataFrame
        As for `ml.finish.finish_clusters`.
    wanted : DataFrame
        Columns category and clusters: where more than ``max_final_clusters`` are
        asked for, the path is as long.
    max_final_clusters : int
        Most final clusters of a category.
    **merging
        See `Merging`.

    Returns
    -------
    DataFrame
        One row per row of ``joint`` and basis. leaf is the store's cluster before any
        two were merged; path its cluster for each number of clusters from 1 up (zero
        for a number that split rules make impossible); is_reassigned tells the stores
        that left a small cluster for another.
    """
    more = wanted.groupby("category")["clusters"].max().to_dict()
    how = Merging(**merging)

    def merge_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        longest = max(max_final_clusters, more.get(category, 0))
        floor = how.floor(len(rows))
        return pd.concat(
            rows.assign(
                basis=path.basis,
                leaf=np.unique(path.leaves, return_inverse=True)[1] + 1,
                is_reassigned=path.labels != path.leaves,
                path=list(path.steps),
            )
            for path in final_paths(rows, how, floor=floor, longest=longest)
        )

    return typed_frame(by_category(joint, merge_category), PATHS)


@dataclass(frozen=True, kw_only=True)
class Path:
    """From the labels of one category, each of shape (n,), to few final clusters.

    ``steps`` has shape (n, m); see `ml.merge.merge_path`.
    """

    basis: str
    labels: np.ndarray
    leaves: np.ndarray
    steps: np.ndarray


def final_paths(
    rows: pd.DataFrame, how: Merging, *, floor: int, longest: int
) -> Iterator[Path]:
    """Rebalance and merge the stores of one category, on every basis.

    Clusters of different split values are not merged, but where a value has too few
    stores for one of its own.

    Parameters
    ----------
    rows : DataFrame
        As for `merge_finals`, one category.
    how : Merging
        The settings.
    floor, longest : int
        Stores that a cluster needs; most clusters wanted.
    """
    values = rows["split_value"].fillna("").to_numpy(dtype=str)
    names, sizes = np.unique(values, return_counts=True)
    own = np.where(np.isin(values, names[sizes >= floor]), values, "")
    for basis, sides in how.bases(rows).items():
        X, labels = how.space(rows, sides), _labels(rows, sides)
        leaves = rebalance_by_value(
            X, labels, values, floor=floor, mode=how.rebalance_mode
        )
        groups = pd.Series(own).groupby(leaves).transform("max").to_numpy(dtype=str)
        steps = merge_path(X, leaves, groups, longest=longest)
        yield Path(basis=basis, labels=labels, leaves=leaves, steps=steps)


def _labels(rows: pd.DataFrame, sides: tuple[str, ...]) -> np.ndarray:
    """Return one label per row: its clusters on the sides, and its split value."""
    parts = [rows[f"{side}_cluster"].astype(str) for side in sides]
    labels = parts[0].str.cat(parts[1:], sep="-")
    split = rows["split_value"].notna()
    with_value = labels.str.cat(rows["split_value"].fillna("").astype(str), sep="-")
    return labels.where(~split, with_value).to_numpy(dtype=str)
