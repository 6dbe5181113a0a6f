"""Rebalance: no cluster too small or too large to act on."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA

from ml.canonical import canonical_labels
from ml.determinism import single_threaded
from ml.frames import by_category, typed_frame
from ml.joint import joint_space
from ml.merge import merge_small
from ml.options import chosen
from ml.placement import centroids, place_stores
from ml.sizes import cluster_size_floor, split_large

REBALANCED = {
    "store_id": "str",
    "category": "str",
    "cluster_id": "int64",
    "is_reassigned": "bool",
    "silhouette": "float64",
    "distance_to_centroid": "float64",
    "next_best_cluster": "Int64",
    "next_best_distance": "float64",
    "map_x": "float64",
    "map_y": "float64",
}


@single_threaded
def rebalance_clusters(
    merged: pd.DataFrame,
    *,
    rebalance_mode: str,
    min_cluster_size: int,
    min_cluster_share: float,
    max_size_floor_share: float,
    max_cluster_size: int,
    internal_weight: float,
    external_weight: float,
    n_init: int,
    random_state: int,
) -> pd.DataFrame:
    """Move small merged clusters into the nearest large ones, and split what is huge.

    Parameters
    ----------
    merged : DataFrame
        One row per store and category: store_id, category, merged_cluster (text),
        split_value (text; null where no rule splits the category), and for either
        side, such as internal, internal_components, internal_cluster.
    rebalance_mode : str
        See `rebalance`.
    min_cluster_size, min_cluster_share, max_size_floor_share : int, float, float
        See `ml.sizes.cluster_size_floor`: stores that a cluster needs.
    max_cluster_size, n_init, random_state : int
        See `ml.sizes.split_large`.
    internal_weight, external_weight : float
        See `ml.joint.joint_space`; distances are taken there.

    Returns
    -------
    DataFrame
        One row per row of ``merged``. cluster_id counts from 1, the largest first;
        is_reassigned tells the stores that left a small cluster for another (that
        a cluster was split is no such move); silhouette, distance_to_centroid and
        next best are in the joint space (null where there is one cluster); map_x and
        map_y are its first two principal components.
    """

    def rebalance_category(_: str, rows: pd.DataFrame) -> pd.DataFrame:
        X = joint_space(
            rows, internal_weight=internal_weight, external_weight=external_weight
        )
        floor = cluster_size_floor(
            len(rows),
            min_cluster_size=min_cluster_size,
            min_cluster_share=min_cluster_share,
            max_size_floor_share=max_size_floor_share,
        )
        before = rows["merged_cluster"].to_numpy(dtype=str)
        values = rows["split_value"].fillna("").to_numpy(dtype=str)
        after = rebalance_by_value(X, before, values, floor=floor, mode=rebalance_mode)
        parts = split_large(
            X,
            after,
            floor=floor,
            max_cluster_size=max_cluster_size,
            n_init=n_init,
            random_state=random_state,
        )
        cluster_id = canonical_labels(parts)
        return rows.assign(
            cluster_id=cluster_id,
            is_reassigned=before != after,
            **place_stores(X, cluster_id),
            **_map(X),
        )

    return typed_frame(by_category(merged, rebalance_category), REBALANCED)


def rebalance_by_value(
    X: np.ndarray, labels: np.ndarray, values: np.ndarray, *, floor: int, mode: str
) -> np.ndarray:
    """Rebalance among the rows of each value, and all together what is still small.

    A value with ``floor`` rows or more keeps them to itself; the rows of the others,
    too few for a large cluster of their own, go to the nearest of any value.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    labels, values : ndarray of shape (n,), str
        All rows of a label have the same value.
    floor, mode : int, str
        See `rebalance`.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [5.0], [6.0], [2.0], [6.5]])
    >>> labels, values = np.array(list("aabbcd")), np.array(list("NNSSSW"))
    >>> rebalance_by_value(X, labels, values, floor=2, mode="store").tolist()
    ['a', 'a', 'b', 'b', 'b', 'b']
    """
    labels = labels.copy()
    for value in np.unique(values):
        rows = values == value
        if rows.sum() >= floor:
            labels[rows] = rebalance(X[rows], labels[rows], floor=floor, mode=mode)
    return rebalance(X, labels, floor=floor, mode=mode)


def rebalance(
    X: np.ndarray, labels: np.ndarray, *, floor: int, mode: str
) -> np.ndarray:
    """Return the labels after every small cluster joined another.

    Small clusters are merged step by step (see `ml.merge.merge_small`), so that as many
    clusters are left as that leaves, however large the largest is. What joined a
    cluster that was large by itself need not stay there: see ``mode``.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    labels : ndarray of shape (n,), str
    floor : int
        Rows that make a cluster large.
    mode : str
        store: each row that joined a large cluster goes where it is nearest to itself;
        cluster: all rows of a small cluster stay together.

    Raises
    ------
    ValueError
        If the mode is unknown.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0], [8.0], [9.0], [9.0], [3.0], [7.0]])
    >>> labels = np.array(list("aaabbbcc"))
    >>> rebalance(X, labels, floor=3, mode="store").tolist()
    ['a', 'a', 'a', 'b', 'b', 'b', 'a', 'b']
    >>> rebalance(X, labels, floor=3, mode="cluster").tolist()
    ['a', 'a', 'a', 'b', 'b', 'b', 'b', 'b']
    """
    finish = chosen("rebalance_mode", mode, MODES)
    return finish(X, labels, merge_small(X, labels, floor=floor), floor)


def _send_to_nearest(
    X: np.ndarray, before: np.ndarray, after: np.ndarray, floor: int
) -> np.ndarray:
    """Send each row that joined a large cluster to the nearest centroid of all.

    A large cluster stands where it was before; one made of small ones stands where
    all of its rows are, and keeps them: without them, it would be small.
    """
    names, sizes = np.unique(before, return_counts=True)
    large = names[sizes >= floor]
    core = np.where(np.isin(after, large), before == after, True)
    if core.all():
        return after
    left = np.unique(after)
    distances = cdist(X[~core], centroids(X[core], after[core], left))
    moved = after.copy()
    moved[~core] = left[distances.argmin(axis=1)]
    return moved


# What becomes of the rows of small clusters once these are merged.
MODES: dict[str, Callable[..., np.ndarray]] = {
    "store": _send_to_nearest,
    "cluster": lambda X, before, after, floor: after,
}


def _map(X: np.ndarray) -> dict[str, np.ndarray]:
    """Take the first two principal components; zeros where there are fewer."""
    if len(X) < 2 or not X.var(axis=0).any():
        flat = np.zeros((len(X), 2))
    else:
        flat = PCA(n_components=min(2, *X.shape), svd_solver="full").fit_transform(X)
        flat = np.pad(flat, ((0, 0), (0, 2 - flat.shape[1])))
    return {"map_x": flat[:, 0], "map_y": flat[:, 1]}
