"""What a clustering scores where there is nothing to find."""

import numpy as np

from ml.algorithms import cluster
from ml.silhouette import silhouette_samples

# Clouds that are drawn, and the most rows of each.
CLOUDS = 4
MOST_ROWS = 400


def reference_silhouettes(
    X: np.ndarray, ks: list[int], *, random_state: int, **algorithm: str | int
) -> np.ndarray:
    """Return for each k the best mean silhouette that one normal cloud gives.

    A k that finds no better clusters in the data than in clouds of the same spread
    along each axis finds none. This is the null hypothesis of one normal
    distribution of Liu, Hayes, Nobel & Marron (2008, JASA 103, "SigClust"), with
    the silhouette as its statistic.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Principal components: uncorrelated columns.
    ks : list of int
        Numbers of clusters, at most as many as there are different rows.
    random_state, **algorithm
        See `ml.algorithms.cluster`.

    Returns
    -------
    ndarray of shape (len(ks),)
    """
    rng = np.random.default_rng(random_state)
    shape = (min(len(X), MOST_ROWS), X.shape[1])
    clouds = [rng.standard_normal(shape) * X.std(axis=0) for _ in range(CLOUDS)]
    widths = [
        silhouette_samples(
            cloud,
            [
                cluster(
                    cloud, min(k, len(cloud)), random_state=random_state, **algorithm
                ).labels
                for k in ks
            ],
        )
        for cloud in clouds
    ]
    return np.mean(widths, axis=2).max(axis=0)
