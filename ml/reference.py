"""What a clustering scores if there is nothing to find."""

from typing import NamedTuple

import numpy as np
from scipy.stats import t

from ml.algorithms import cluster_samples
from ml.kmeans import settle_samples
from ml.null import Null
from ml.settings import Fit
from ml.silhouette import silhouette_samples
from ml.ward import ward_clusters

# Clouds that are drawn, the most rows of each, and the starts of each clustering.
CLOUDS = 20
MOST_ROWS = 400
STARTS = 1

# Rounds of k-means; few rows still move in the last.
ROUNDS = 20

# Standard deviation of mean silhouettes that there is at least: where few levels make
# up all features, every cloud has nearly the same.
LEAST_DEVIATION = 0.0025

# Chance that a k of a side without clusters exceeds its reference: of two sides with
# the nine default candidates each, at most 1 % have one that does.
CHANCE = 0.01 / 18


class Reference(NamedTuple):
    """Mean silhouettes of one k under the null hypothesis, and what exceeds them."""

    mean: float
    deviation: float
    silhouette: float


def reference_silhouettes(null: Null, ks: list[int], settings: Fit) -> list[Reference]:
    """Return the mean silhouettes that stores without clusters have, for each k.

    A k that finds no better clusters in the data than where there are none finds
    none.

    Parameters
    ----------
    null : Null
        What stores without clusters are like.
    ks : list of int
        Numbers of clusters, at most as many as there are different rows.
    settings : Fit

    Returns
    -------
    list of Reference
        One per k. ``silhouette`` is the upper bound of the prediction interval for
        one more draw (Student's t of the clouds, as their spread is estimated), which
        a side without clusters exceeds with the probability ``CHANCE`` at each k.
    """
    quick = settings.with_starts(STARTS) if null.has_numbers else settings
    rng = np.random.default_rng(settings.random_state)
    rows = min(len(null.scaled), MOST_ROWS)
    clouds = list(null.clouds(CLOUDS, rows=rows, rng=rng))
    found = _cluster(clouds, ks, quick, has_numbers=null.has_numbers)
    scores = [
        _mean_silhouettes(cloud, [found[k][number] for k in ks])
        for number, cloud in enumerate(clouds)
    ]
    mean, deviation = np.mean(scores, axis=0), np.std(scores, axis=0, ddof=1)
    factor = t.isf(CHANCE, CLOUDS - 1) * np.sqrt(1 + 1 / CLOUDS)
    bound = mean + factor * np.maximum(deviation, LEAST_DEVIATION)
    bound = np.minimum(bound, 1.0)
    return [Reference(*row) for row in zip(mean, deviation, bound, strict=True)]


def _cluster(
    clouds: list[np.ndarray], ks: list[int], settings: Fit, *, has_numbers: bool
) -> dict[int, list[np.ndarray]]:
    if settings.algorithm != "kmeans" or not has_numbers:
        return cluster_samples(clouds, ks, settings)
    possible = {k: min(k, len(clouds[0])) for k in ks}
    # as good as the best of five random starts, in a tenth of the time (Milligan 1980,
    # Psychometrika 45)
    trees = [ward_clusters(cloud, possible.values()) for cloud in clouds]
    starts = {k: np.stack([labels[k] for labels in trees]) for k in trees[0]}
    found = settle_samples(np.stack(clouds), starts, rounds=ROUNDS)
    return {k: list(found[lower]) for k, lower in possible.items()}


def _mean_silhouettes(cloud: np.ndarray, labelings: list[np.ndarray]) -> np.ndarray:
    return np.mean(silhouette_samples(cloud, labelings), axis=1)
