"""Placement: how each store sits in its cluster, and where it would go instead."""

import numpy as np
from scipy.spatial.distance import cdist

from ml.silhouette import silhouette_samples


def place_stores(X: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray | None]:
    """Measure how each store sits among the clusters.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        The joint space.
    labels : ndarray of shape (n,), int
        Cluster of each store; any numbers.

    Returns
    -------
    dict
        By column name, an array of shape (n,) each: distance_to_centroid,
        silhouette (-1 to 1), next_best_cluster and next_best_distance; the last three
        None where there is one cluster.

    Examples
    --------
    >>> X = np.array([[0.0], [2.0], [9.0]])
    >>> placed = place_stores(X, np.array([7, 7, 3]))
    >>> placed["distance_to_centroid"].tolist(), placed["next_best_cluster"].tolist()
    ([1.0, 1.0, 0.0], [3, 3, 7])
    """
    names, cluster = np.unique(labels, return_inverse=True)
    distances = cdist(X, centroids(X, labels, names))
    rows = np.arange(len(X))
    own = distances[rows, cluster].copy()
    if len(names) == 1:
        unknown = dict.fromkeys(
            ("silhouette", "next_best_cluster", "next_best_distance")
        )
        return {"distance_to_centroid": own} | unknown
    distances[rows, cluster] = np.inf
    return {
        "distance_to_centroid": own,
        "silhouette": silhouette_samples(X, [cluster])[0],
        "next_best_cluster": names[distances.argmin(axis=1)],
        "next_best_distance": distances.min(axis=1),
    }


def centroids(X: np.ndarray, labels: np.ndarray, names: np.ndarray) -> np.ndarray:
    """Return the mean of the rows of each label in ``names``.

    Examples
    --------
    >>> centroids(np.array([[0.0], [2.0], [9.0]]), np.array([1, 1, 2]), [1, 2]).tolist()
    [[1.0], [9.0]]
    """
    return np.array([X[labels == name].mean(axis=0) for name in names])
