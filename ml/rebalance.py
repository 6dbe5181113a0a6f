"""Rebalance: no cluster too small to act on."""

from collections.abc import Callable

import numpy as np
from scipy.spatial.distance import cdist

from ml.merge import merge_small
from ml.placement import centroids
from ml.settings import RebalanceMode


def rebalance_by_value(
    X: np.ndarray,
    labels: np.ndarray,
    values: np.ndarray,
    *,
    floor: int,
    mode: RebalanceMode,
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
    X: np.ndarray, labels: np.ndarray, *, floor: int, mode: RebalanceMode
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
