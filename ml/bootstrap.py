"""How well each final cluster is found again when the whole method is repeated."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from ml.algorithms import cluster
from ml.canonical import canonical_order
from ml.determinism import single_threaded
from ml.frames import by_category, stacked, typed_frame
from ml.joint import joint_space
from ml.rebalance import rebalance_by_value
from ml.resample import STARTS
from ml.sizes import cluster_size_floor, split_large
from ml.stability import cluster_jaccard

STABILITY = {"category": "str", "cluster_id": "int64", "jaccard": "float64"}
SIDES = ("internal", "external")


@single_threaded
def score_clusters(
    stores: pd.DataFrame,
    *,
    bootstrap_resamples: int,
    rebalance_mode: str,
    min_cluster_size: int,
    min_cluster_share: float,
    max_size_floor_share: float,
    max_cluster_size: int,
    internal_weight: float,
    external_weight: float,
    algorithm: str,
    n_init: int,
    random_state: int,
) -> pd.DataFrame:
    """Return the mean Jaccard similarity of each final cluster with its like.

    Each random subsample of the stores is clustered on both sides with the same k,
    merged and rebalanced, with sizes in proportion; see `ml.stability.cluster_jaccard`.

    Parameters
    ----------
    stores : DataFrame
        As for `ml.rebalance.rebalance_clusters`, and cluster_id as found there.
    bootstrap_resamples : int
        Subsamples.
    rebalance_mode, min_cluster_size, min_cluster_share, max_size_floor_share,
    max_cluster_size
        See `ml.rebalance.rebalance_clusters`.
    internal_weight, external_weight : float
        See `ml.joint.joint_space`.
    algorithm, n_init, random_state
        See `ml.algorithms.cluster`.

    Returns
    -------
    DataFrame
        One row per category and cluster. jaccard is from 0 to 1, and null where there
        is one cluster, or for one of which no store is known on both sides.
    """
    algorithm_settings = {
        "algorithm": algorithm,
        "n_init": min(n_init, STARTS),
        "min_cluster_size": min_cluster_size,
        "random_state": random_state,
    }

    def score_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        X = joint_space(
            rows, internal_weight=internal_weight, external_weight=external_weight
        )
        floor = cluster_size_floor(
            len(rows),
            min_cluster_size=min_cluster_size,
            min_cluster_share=min_cluster_share,
            max_size_floor_share=max_size_floor_share,
        )
        names = np.unique(rows["cluster_id"])
        known = _known_on_both_sides(rows)
        known = known[canonical_order(X[known])]
        method = Method(
            rows.iloc[known],
            X[known],
            floor=floor * len(known) / len(rows),
            ceiling=max_cluster_size * len(known) / len(rows),
            rebalance_mode=rebalance_mode,
            algorithm=algorithm_settings,
        )
        jaccard = _jaccard_by_name(
            rows["cluster_id"].to_numpy()[known],
            method.repeat,
            resamples=bootstrap_resamples,
            random_state=random_state,
        )
        return pd.DataFrame({"cluster_id": names}).assign(
            category=category, jaccard=[jaccard.get(name) for name in names]
        )

    return typed_frame(by_category(stores, score_category), STABILITY)


class Method:
    """The method from components to final clusters, on subsamples of some stores."""

    def __init__(
        self,
        rows: pd.DataFrame,
        X: np.ndarray,
        *,
        floor: float,
        ceiling: float,
        rebalance_mode: str,
        algorithm: dict[str, str | int],
    ) -> None:
        self.X = X
        self.sides = [_side(rows, side) for side in SIDES]
        self.values = rows["split_value"].fillna("").to_numpy(dtype=str)
        self.floor, self.ceiling = floor, ceiling
        self.rebalance_mode = rebalance_mode
        self.algorithm = algorithm

    def repeat(self, picked: np.ndarray) -> np.ndarray:
        """Return final labels of the rows ``picked``, clustered by themselves."""
        share = len(picked) / len(self.X)
        floor = max(math.floor(share * self.floor), 1)
        ceiling = max(math.ceil(share * self.ceiling), 2 * floor)
        X, values = self.X[picked], self.values[picked]
        labels = rebalance_by_value(
            X, self._merge(picked), values, floor=floor, mode=self.rebalance_mode
        )
        return split_large(
            X,
            labels,
            floor=floor,
            max_cluster_size=ceiling if self.ceiling else 0,
            n_init=1,
            random_state=self.algorithm["random_state"],
        )

    def _merge(self, picked: np.ndarray) -> np.ndarray:
        labels = self.values[picked]
        for components, k in self.sides:
            if k > 1:
                found = cluster(
                    components[picked], min(k, len(picked)), **self.algorithm
                )
                labels = np.char.add(labels, np.char.mod("-%d", found.labels))
        return labels


def _known_on_both_sides(rows: pd.DataFrame) -> np.ndarray:
    """Return the places of stores known on each side of which anything is known."""
    known = np.ones(len(rows), dtype=bool)
    for side in SIDES:
        has = rows[f"{side}_components"].notna().to_numpy(dtype=bool)
        known &= has | ~has.any()
    return np.flatnonzero(known)


def _side(rows: pd.DataFrame, side: str) -> tuple[np.ndarray, int]:
    """Return the components of one side and how many clusters it has."""
    components = rows[f"{side}_components"]
    if not components.notna().all() or rows.empty:
        return np.zeros((len(rows), 1)), 1
    return stacked(components), rows[f"{side}_cluster"].nunique()


def _jaccard_by_name(
    names: np.ndarray,
    relabel: Callable[[np.ndarray], np.ndarray],
    *,
    resamples: int,
    random_state: int,
) -> dict[int, float]:
    if len(set(names)) < 2:
        return {}
    known, labels = np.unique(names, return_inverse=True)
    jaccard = cluster_jaccard(
        labels, relabel, resamples=resamples, random_state=random_state
    )
    return dict(zip(known.tolist(), jaccard.round(9).tolist(), strict=True))
