"""Fit the chosen number of clusters, assign every store, and measure its fit."""

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from ml.algorithms import cluster, single_threaded
from ml.canonical import canonical_labels, canonical_order
from ml.forest import Forest
from ml.frames import by_category, stacked, typed_frame
from ml.settings import Fit
from ml.silhouette import silhouette_samples

CLUSTERS = {
    "store_id": "str",
    "category": "str",
    "cluster": "Int64",
    "probability": "float64",
    "is_outlier": "bool",
    "is_fitted": "bool",
}


@single_threaded
def fit_clusters(
    prepared: pd.DataFrame,
    chosen_k: pd.DataFrame,
    settings: Fit,
) -> pd.DataFrame:
    """Cluster each category with its k.

    Parameters
    ----------
    prepared : DataFrame
        As `ml.preparation.prepare` returns it.
    chosen_k : DataFrame
        One row per category: category, k.
    settings : Fit

    Returns
    -------
    DataFrame
        One row per row of ``prepared``. cluster counts from 1, the largest first.
        is_fitted tells the stores that shaped the clusters. The others get the
        cluster that a classifier infers, with its probability; null where they have
        no components.
    """
    k_of = chosen_k.set_index("category")["k"]

    def fit_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        rows = rows.assign(
            cluster=pd.array([pd.NA] * len(rows), dtype="Int64"),
            probability=np.nan,
            is_fitted=rows["in_fit"].astype(bool),
        )
        if rows["is_fitted"].any():
            _fit(rows, int(k_of[category]), settings)
            _infer(rows, random_state=settings.random_state)
        return rows

    return typed_frame(by_category(prepared, fit_category), CLUSTERS)


def _fit(rows: pd.DataFrame, k: int, settings: Fit) -> None:
    """Fill in the clusters of the stores in the fit, and what was noise among them."""
    X = stacked(rows.loc[rows["is_fitted"], "components"])
    order = canonical_order(X)
    fitted = rows.index[rows["is_fitted"]][order]
    found = cluster(X[order], k, settings)
    rows.loc[fitted, "cluster"] = canonical_labels(found.labels)
    rows.loc[fitted, "is_fitted"] = ~found.is_noise


def _infer(rows: pd.DataFrame, *, random_state: int) -> None:
    """Fill in the clusters of the other stores that have components."""
    fitted = rows[rows["is_fitted"]]
    others = rows.index[~rows["is_fitted"] & rows["components"].notna()]
    if len(fitted) and len(others):
        X = stacked(fitted["components"])
        order = canonical_order(X)
        labels = fitted["cluster"].to_numpy(dtype=int)[order]
        forest = Forest.grow(X[order], labels, random_state=random_state)
        labels, probability = forest.predict(stacked(rows.loc[others, "components"]))
        rows.loc[others, "cluster"] = labels
        rows.loc[others, "probability"] = probability


def place_stores(X: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray | None]:
    """Measure how each store fits its cluster and the others.

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
