"""The clustering algorithm, in one place for candidates and the final fit."""

import numpy as np
from sklearn.cluster import KMeans


def fit_kmeans(X: np.ndarray, k: int, *, n_init: int, random_state: int) -> KMeans:
    """Fit k-means with k-means++ starts, the best of ``n_init``.

    Raises
    ------
    ValueError
        If there are fewer rows than clusters.
    """
    if not 1 <= k <= len(X):
        raise ValueError(f"got k={k} for {len(X)} stores, expected from 1 to {len(X)}")
    return KMeans(k, n_init=n_init, random_state=random_state).fit(X)
