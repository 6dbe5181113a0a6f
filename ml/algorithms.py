"""The clustering algorithms behind one call; threads do not change their results."""

import functools
import threading
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, ParamSpec, TypeVar

import numpy as np
from sklearn.base import ClusterMixin
from sklearn.cluster import (
    HDBSCAN,
    AgglomerativeClustering,
    Birch,
    KMeans,
    MiniBatchKMeans,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from ml.forest import Forest
from ml.kmeans import kmeans_samples
from ml.settings import Algorithm, Fit

NOISE = -1  # the label of rows that HDBSCAN leaves out

# What a Gaussian mixture adds to variances, as a share of the data's own: rows that
# are alike would have none.
LEAST_VARIANCE = 1e-6

# BIRCH sums rows up in balls; this share of the data's spread is their radius.
BIRCH_RADIUS = 0.1


class Clustering(NamedTuple):
    """Labels of shape (n,) from 0 without gaps, and the rows labelled by a classifier.

    Only HDBSCAN leaves rows out, as noise; they get the label that the others suggest.
    """

    labels: np.ndarray
    is_noise: np.ndarray


def cluster(X: np.ndarray, k: int, settings: Fit) -> Clustering:
    """Cluster the rows of ``X``.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    k : int
        Clusters wanted. HDBSCAN finds the number itself, unless it is 1. Where rows
        are alike, fewer are found.
    settings : Fit

    Raises
    ------
    ValueError
        If there are fewer rows than clusters.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [9.0], [10.0]])
    >>> ward = Fit(
    ...     algorithm="agglomerative", n_init=1, min_cluster_size=2, random_state=0
    ... )
    >>> cluster(X, 2, ward).labels
    array([1, 1, 0, 0])
    """
    if not 1 <= k <= len(X):
        raise ValueError(f"got k={k} for {len(X)} stores, expected from 1 to {len(X)}")
    if k == 1:
        return Clustering(np.zeros(len(X), dtype=int), np.zeros(len(X), dtype=bool))
    estimator = ALGORITHMS[settings.algorithm](X, k, settings)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        labels = estimator.fit_predict(X)
        return _assign_noise(X, labels, random_state=settings.random_state)


def cluster_samples(
    samples: Sequence[np.ndarray], ks: Iterable[int], settings: Fit
) -> dict[int, list[np.ndarray]]:
    """Return the labels of each sample of rows, for each number of clusters.

    They are those of `cluster`; k-means finds them for all samples at once, in single
    precision (`ml.kmeans`).

    Parameters
    ----------
    samples : sequence of ndarray of shape (n, d)
        As many rows each.
    ks : iterable of int
        Where there are fewer rows than clusters, each row is one.
    settings : Fit

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [9.0], [10.0]])
    >>> fit = Fit(algorithm="birch", n_init=1, min_cluster_size=2, random_state=0)
    >>> cluster_samples([X, X[::-1]], [2], fit)
    {2: [array([1, 1, 0, 0]), array([1, 1, 0, 0])]}
    """
    most = len(samples[0])
    if settings.algorithm == "kmeans":
        found = kmeans_samples(
            np.stack(samples),
            {min(k, most) for k in ks},
            starts=settings.n_init,
            random_state=settings.random_state,
        )
        return {k: list(found[min(k, most)]) for k in ks}
    return {k: [cluster(X, min(k, most), settings).labels for X in samples] for k in ks}


def _assign_noise(
    X: np.ndarray, labels: np.ndarray, *, random_state: int
) -> Clustering:
    is_noise = labels == NOISE
    if is_noise.all():
        return Clustering(np.zeros(len(X), dtype=int), is_noise)
    if is_noise.any():
        labels = labels.copy()
        told = Forest.grow(X[~is_noise], labels[~is_noise], random_state=random_state)
        labels[is_noise], _ = told.predict(X[is_noise])
    return Clustering(np.unique(labels, return_inverse=True)[1], is_noise)


def _kmeans(X: np.ndarray, k: int, settings: Fit) -> KMeans:
    return KMeans(k, n_init=settings.n_init, random_state=settings.random_state)


def _minibatch(X: np.ndarray, k: int, settings: Fit) -> MiniBatchKMeans:
    return MiniBatchKMeans(
        k, n_init=settings.n_init, random_state=settings.random_state
    )


def _mixture(X: np.ndarray, k: int, settings: Fit) -> GaussianMixture:
    least = LEAST_VARIANCE * X.var(axis=0).sum()
    return GaussianMixture(
        k,
        covariance_type="diag",
        reg_covar=max(least, np.finfo(float).tiny),
        n_init=settings.n_init,
        random_state=settings.random_state,
    )


def _ward(X: np.ndarray, k: int, settings: Fit) -> AgglomerativeClustering:
    return AgglomerativeClustering(k)


def _birch(X: np.ndarray, k: int, settings: Fit) -> Birch:
    radius = BIRCH_RADIUS * np.sqrt(X.var(axis=0).sum())
    return Birch(n_clusters=k, threshold=max(radius, np.finfo(float).tiny))


def _hdbscan(X: np.ndarray, k: int, settings: Fit) -> HDBSCAN:
    smallest = min(max(settings.min_cluster_size, 2), len(X))
    return HDBSCAN(min_cluster_size=smallest, copy=True)


Estimator = ClusterMixin | GaussianMixture
ALGORITHMS: dict[Algorithm, Callable[[np.ndarray, int, Fit], Estimator]] = {
    "kmeans": _kmeans,
    "minibatch_kmeans": _minibatch,
    "gmm": _mixture,
    "agglomerative": _ward,
    "birch": _birch,
    "hdbscan": _hdbscan,
}


P = ParamSpec("P")
R = TypeVar("R")

# Held by the fit that runs. See `single_threaded`.
ONE_FIT = threading.RLock()


def single_threaded(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` with one BLAS and OpenMP thread.

    Threads add partial sums in the order in which they finish, and floating-point
    addition is not associative: with more than one, the same input can give another
    last digit, and a store on a border another cluster.

    The limit stays in force afterwards: the fit that ends first must not lift it for
    another one.

    One fit runs at a time in a process, others wait. scikit-learn empties the list of
    warning filters for a moment with every tree of a forest and every step of a
    column transformer, and that list belongs to all threads: another thread sees it
    empty, warns of every tree, and may leave it empty for good. Nothing is lost by
    waiting: fits hold the interpreter's lock for nearly all of their time.
    """

    @functools.wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with ONE_FIT:
            threadpool_limits(limits=1)
            return function(*args, **kwargs)

    return limited
