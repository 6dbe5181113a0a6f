"""Rebalance: no cluster too small to act on."""

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA

from ml.canonical import canonical_labels
from ml.determinism import single_threaded
from ml.frames import by_category, typed_frame
from ml.joint import joint_space
from ml.silhouette import silhouette_samples

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
    min_cluster_size: int,
    internal_weight: float,
    external_weight: float,
) -> pd.DataFrame:
    """Move the stores of small merged clusters to the nearest large one.

    Parameters
    ----------
    merged : DataFrame
        One row per store and category: store_id, category, merged_cluster (text),
        and for either side, such as internal, internal_components, internal_cluster.
    min_cluster_size : int
        Stores that a cluster needs, where there are as many.
    internal_weight, external_weight : float
        See `ml.joint.joint_space`; distances are taken there.

    Returns
    -------
    DataFrame
        One row per row of ``merged``. cluster_id counts from 1, the largest first;
        is_reassigned tells the stores that moved; silhouette, distance_to_centroid
        and next best are in the joint space (null where there is one cluster);
        map_x and map_y are its first two principal components.
    """

    def rebalance_category(_: str, rows: pd.DataFrame) -> pd.DataFrame:
        X = joint_space(
            rows, internal_weight=internal_weight, external_weight=external_weight
        )
        before = rows["merged_cluster"].to_numpy(dtype=str)
        after = rebalance(X, before, min_cluster_size=min_cluster_size)
        cluster_id = canonical_labels(after)
        return rows.assign(
            cluster_id=cluster_id,
            is_reassigned=before != after,
            **_placement(X, cluster_id),
            **_map(X),
        )

    return typed_frame(by_category(merged, rebalance_category), REBALANCED)


def rebalance(
    X: np.ndarray, labels: np.ndarray, *, min_cluster_size: int
) -> np.ndarray:
    """Return the labels after every row of a small cluster moved to a large one.

    Each row goes to the nearest large centroid; centroids are those of the clusters
    before rows move. Where no cluster is large, the smallest is merged into its nearest
    until all are, or one is left.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    labels : ndarray of shape (n,), str
    min_cluster_size : int
        Rows that make a cluster large.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0], [8.0], [9.0], [5.5]])
    >>> rebalance(X, np.array(list("aaabbc")), min_cluster_size=2).tolist()
    ['a', 'a', 'a', 'b', 'b', 'b']
    """
    names, sizes = np.unique(labels, return_counts=True)
    large = names[sizes >= min_cluster_size]
    if not len(large):
        return _merge_smallest(X, labels, min_cluster_size=min_cluster_size)
    labels = labels.copy()
    small = ~np.isin(labels, large)
    distances = cdist(X[small], _centroids(X, labels, large))
    labels[small] = large[distances.argmin(axis=1)]
    return labels


def _merge_smallest(
    X: np.ndarray, labels: np.ndarray, *, min_cluster_size: int
) -> np.ndarray:
    """Merge the smallest cluster into its nearest until none is too small."""
    labels = labels.copy()
    names, sizes = np.unique(labels, return_counts=True)
    while len(names) > 1 and sizes.min() < min_cluster_size:
        smallest = names[sizes.argmin()]
        others = names[names != smallest]
        centroid = _centroids(X, labels, [smallest])
        nearest = cdist(centroid, _centroids(X, labels, others)).argmin()
        labels[labels == smallest] = others[nearest]
        names, sizes = np.unique(labels, return_counts=True)
    return labels


def _centroids(X: np.ndarray, labels: np.ndarray, names: np.ndarray) -> np.ndarray:
    return np.array([X[labels == name].mean(axis=0) for name in names])


def _placement(X: np.ndarray, cluster_id: np.ndarray) -> dict[str, np.ndarray | None]:
    """Measure how each store sits in its cluster, and where it would go instead."""
    ids = np.arange(1, cluster_id.max() + 1)
    distances = cdist(X, _centroids(X, cluster_id, ids))
    own = distances[np.arange(len(X)), cluster_id - 1].copy()
    if len(ids) == 1:
        unknown = dict.fromkeys(
            ("silhouette", "next_best_cluster", "next_best_distance")
        )
        return {"distance_to_centroid": own} | unknown
    distances[np.arange(len(X)), cluster_id - 1] = np.inf
    return {
        "distance_to_centroid": own,
        "silhouette": silhouette_samples(X, [cluster_id - 1])[0],
        "next_best_cluster": distances.argmin(axis=1) + 1,
        "next_best_distance": distances.min(axis=1),
    }


def _map(X: np.ndarray) -> dict[str, np.ndarray]:
    """Take the first two principal components; zeros where there are fewer."""
    if len(X) < 2 or not X.var(axis=0).any():
        flat = np.zeros((len(X), 2))
    else:
        flat = PCA(n_components=min(2, *X.shape), svd_solver="full").fit_transform(X)
        flat = np.pad(flat, ((0, 0), (0, 2 - flat.shape[1])))
    return {"map_x": flat[:, 0], "map_y": flat[:, 1]}
