"""Sizes: how few and how many stores a cluster may have, and how that is enforced."""

import math
import warnings
from collections.abc import Callable
from decimal import Decimal

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from ml.cluster import centroids
from ml.merge import merge_small
from ml.settings import FinalSizes, RebalanceMode

# A round that brings the stores nearer to their centroids by less than this share
# of the total squared distance is the last one.
LEAST_GAIN = 1e-3


def cluster_size_floor(stores: int, settings: FinalSizes) -> int:
    """Return how many stores a final cluster needs: the larger of count and share.

    In a category of few stores the count is lowered: few stores do not mean few kinds
    of stores. The dbt macro of the same name is this rule in SQL. Both count in
    decimals of nine places: in floats, 0.07 times 100 is a little more than 7, and
    would ask for 8.

    Parameters
    ----------
    stores : int
        Stores of the category.
    settings : FinalSizes

    Examples
    --------
    >>> sizes = FinalSizes(
    ...     min_cluster_size=5, min_cluster_share=0.07, max_size_floor_share=0.1
    ... )
    >>> cluster_size_floor(100, sizes)
    7
    >>> cluster_size_floor(40, sizes)
    4
    """
    least, most = (
        math.ceil(round(Decimal(str(share)), 9) * stores)
        for share in (settings.min_cluster_share, settings.max_size_floor_share)
    )
    return max(min(settings.min_cluster_size, most), least, 1)


def split_large(
    X: np.ndarray,
    labels: np.ndarray,
    *,
    floor: int,
    max_cluster_size: int,
    n_init: int,
    random_state: int,
) -> np.ndarray:
    """Split every cluster above the maximum into as few parts as possible.

    A cluster of s rows, more than the maximum M, makes p = ceil(s / M) parts. Where M
    is at least twice the floor f, parts from f to M always exist: p M >= s, and
    s > (p - 1) M >= 2 (p - 1) f >= p f, as p is at least 2.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    labels : ndarray of shape (n,)
    floor, max_cluster_size : int
        Fewest and most rows of a part. A maximum of 0 is none.
    n_init, random_state : int
        Starts and seed of k-means.

    Returns
    -------
    ndarray of shape (n,), int
        Labels of their own; rows share one only if they shared one in ``labels``.

    Raises
    ------
    ValueError
        If the maximum is less than twice the floor.

    Examples
    --------
    >>> X = np.array([[0.0], [9.0], [1.0], [8.0], [5.0]])
    >>> options = {"floor": 1, "max_cluster_size": 2, "n_init": 1, "random_state": 0}
    >>> parts = split_large(X, np.array(list("aaaab")), **options)
    >>> np.unique(parts, return_counts=True)[1].tolist()
    [2, 2, 1]
    """
    _, cluster, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    if max_cluster_size == 0:
        return cluster
    if max_cluster_size < 2 * floor:
        raise ValueError(
            f"got max_cluster_size={max_cluster_size} where a cluster needs {floor}"
            " stores (the larger of min_cluster_size and min_cluster_share of the"
            f" category's stores), expected 0 or at least {2 * floor}"
        )
    part = np.zeros_like(cluster)
    for number in np.flatnonzero(sizes > max_cluster_size):
        rows = cluster == number
        part[rows] = constrained_kmeans(
            X[rows],
            math.ceil(sizes[number] / max_cluster_size),
            smallest=floor,
            largest=max_cluster_size,
            n_init=n_init,
            random_state=random_state,
        )
    return cluster * (part.max() + 1) + part


def constrained_kmeans(
    X: np.ndarray,
    k: int,
    *,
    smallest: int,
    largest: int,
    n_init: int,
    random_state: int,
) -> np.ndarray:
    """Cluster rows into ``k`` clusters, each with a minimum and a maximum of rows.

    From the centroids of k-means on, rows are assigned at least total squared distance
    within the sizes, and centroids moved to the means of their rows, until that gains
    next to nothing (Bradley, Bennett & Demiriz 2000, Constrained k-means clustering,
    MSR-TR-2000-65). Rows are sorted by their coordinates first: the result does not
    depend on their order.

    Returns
    -------
    ndarray of shape (n,), int
        Labels from 0.

    Raises
    ------
    ValueError
        If such sizes do not add up to the number of rows.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0], [9.0]])
    >>> sizes = {"smallest": 2, "largest": 2}
    >>> labels = constrained_kmeans(X, 2, **sizes, n_init=1, random_state=0)
    >>> bool(labels[0] == labels[1] != labels[2] == labels[3])
    True
    """
    order = np.lexsort(X.T[::-1])
    ordered = X[order]
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        model = KMeans(k, n_init=n_init, random_state=random_state).fit(ordered)
    centroids, total = model.cluster_centers_, math.inf
    while True:
        costs = cdist(ordered, centroids, "sqeuclidean")
        labels = assign_within(costs, smallest=smallest, largest=largest)
        before, total = total, costs[np.arange(len(X)), labels].sum()
        if total >= (1 - LEAST_GAIN) * before:
            return labels[np.argsort(order)]
        centroids = np.array([ordered[labels == i].mean(axis=0) for i in range(k)])


def assign_within(costs: np.ndarray, *, smallest: int, largest: int) -> np.ndarray:
    """Assign rows to columns at the least total cost, within each column's limits.

    This is a transportation problem, a linear program of which every vertex is
    integral. The interior-point method ends at a vertex too (it crosses over to one),
    and its time depends little on the costs, unlike that of the simplex method.

    Parameters
    ----------
    costs : ndarray of shape (n, k)
    smallest, largest : int
        Fewest and most rows that a column gets.

    Returns
    -------
    ndarray of shape (n,), int
        Column of each row.

    Raises
    ------
    ValueError
        If such sizes do not add up to the number of rows.

    Examples
    --------
    >>> costs = np.array([[0.0, 5.0], [0.0, 2.0], [0.0, 9.0], [0.0, 7.0]])
    >>> assign_within(costs, smallest=1, largest=3).tolist()
    [0, 1, 0, 0]
    """
    n, k = costs.shape
    if not k * smallest <= n <= k * largest:
        raise ValueError(
            f"got {n} rows for {k} clusters of {smallest} to {largest}, expected from"
            f" {k * smallest} to {k * largest}"
        )
    of_row = sparse.kron(sparse.eye_array(n), np.ones((1, k)), format="csr")
    of_column = sparse.kron(np.ones((1, n)), sparse.eye_array(k), format="csr")
    solution = linprog(
        costs.ravel(),
        A_eq=of_row,
        b_eq=np.ones(n),
        A_ub=sparse.vstack([of_column, -of_column]),
        b_ub=np.repeat([largest, -smallest], k),
        method="highs-ipm",
    )
    if not solution.success:
        raise RuntimeError(f"no assignment was found: {solution.message}")
    return solution.x.reshape(n, k).argmax(axis=1)


def rebalance_by_value(
    X: np.ndarray,
    labels: np.ndarray,
    values: np.ndarray,
    *,
    floor: int,
    mode: RebalanceMode,
) -> np.ndarray:
    """Rebalance among the rows of each value, then all that are still small together.

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
    X: np.ndarray, labels: np.ndarray, *, floor: int, mode: RebalanceMode
) -> np.ndarray:
    """Return the labels after every small cluster has joined another.

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

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0], [8.0], [9.0], [9.0], [3.0], [7.0]])
    >>> labels = np.array(list("aaabbbcc"))
    >>> rebalance(X, labels, floor=3, mode="store").tolist()
    ['a', 'a', 'a', 'b', 'b', 'b', 'a', 'b']
    >>> rebalance(X, labels, floor=3, mode="cluster").tolist()
    ['a', 'a', 'a', 'b', 'b', 'b', 'b', 'b']
    """
    return MODES[mode](X, labels, merge_small(X, labels, floor=floor), floor)


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
MODES: dict[RebalanceMode, Callable[..., np.ndarray]] = {
    "store": _send_to_nearest,
    "cluster": lambda X, before, after, floor: after,
}
