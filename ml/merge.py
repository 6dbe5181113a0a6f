"""Merge: from many clusters to few, each step at the least loss."""

import numpy as np

from ml.canonical import DECIMALS, canonical_labels
from ml.cluster import centroids


def ward_costs(centers: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return what merging each pair of clusters adds to the squared distances.

    The sum of squared distances of all rows to their centroid grows by the squared
    distance of the two centroids times the harmonic sum of the sizes (Ward 1963, JASA
    58).

    Parameters
    ----------
    centers : ndarray of shape (k, d)
    sizes : ndarray of shape (k,)

    Returns
    -------
    ndarray of shape (k, k)
        Symmetric; infinite on the diagonal.

    Examples
    --------
    >>> ward_costs(np.array([[0.0], [2.0]]), np.array([1, 3]))
    array([[inf,  3.],
           [ 3., inf]])
    """
    squares = ((centers[:, None] - centers[None]) ** 2).sum(axis=2)
    weights = np.multiply.outer(sizes, sizes) / np.add.outer(sizes, sizes)
    costs = squares * weights
    np.fill_diagonal(costs, np.inf)
    return costs


def merge_small(X: np.ndarray, labels: np.ndarray, *, floor: int) -> np.ndarray:
    """Merge small clusters step by step until none is small, or one is left.

    The smallest joins the one that costs least, see `ward_costs`. One cluster goes at
    a time, so that small neighbours make a large one together, and one row more in any
    of them changes little. What has come out large enough for two is parted again
    between the clusters it was made of. A cluster of ``floor`` rows or more joins no
    other; it only takes others in.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    labels : ndarray of shape (n,), str
    floor : int
        Rows that a cluster needs, unless it is the only one.

    Returns
    -------
    ndarray of shape (n,), str
        A cluster has the name of the largest of those that it is made of.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [9.0], [10.0], [20.0]])
    >>> merge_small(X, np.array(list("abcde")), floor=2).tolist()
    ['a', 'a', 'c', 'c', 'c']
    """
    names, place, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    centers = centroids(X, labels, names)
    target = _join_small(centers, sizes, floor=floor)
    for group in np.unique(target):
        _part(np.flatnonzero(target == group), target, centers, sizes, floor=floor)
    largest = target.copy()
    for group in np.unique(target):
        cells = np.flatnonzero(target == group)
        largest[cells] = cells[sizes[cells].argmax()]
    return names[largest[place]]


def _join_small(centers: np.ndarray, sizes: np.ndarray, *, floor: int) -> np.ndarray:
    """Return for each cluster the one that it ends in, by its place."""
    centers, sizes = centers.copy(), sizes.astype(float)
    target, alive = np.arange(len(sizes)), np.ones(len(sizes), dtype=bool)
    while alive.sum() > 1 and sizes[alive].min() < floor:
        left = np.flatnonzero(alive)
        small = left[sizes[left].argmin()]
        others = left[left != small]
        costs = ward_costs(centers[[small, *others]], sizes[[small, *others]])[0, 1:]
        taker = others[costs.argmin()]
        centers[taker], sizes[taker] = _joined(centers, sizes, small, taker)
        target[target == small], alive[small] = taker, False
    return target


def _part(
    cells: np.ndarray,
    target: np.ndarray,
    centers: np.ndarray,
    sizes: np.ndarray,
    *,
    floor: int,
) -> None:
    """Part joined clusters along their main axis while both parts are large."""
    if len(cells) < 2 or sizes[cells].sum() < 2 * floor:
        return
    away = centers[cells] - np.average(centers[cells], axis=0, weights=sizes[cells])
    axis = np.linalg.svd(away * np.sqrt(sizes[cells])[:, None])[2][0]
    ordered = cells[np.argsort((away @ axis).round(DECIMALS), kind="stable")]
    before = sizes[ordered].cumsum()[:-1]
    cuts = np.flatnonzero((before >= floor) & (sizes[cells].sum() - before >= floor))
    if not len(cuts):
        return
    gaps = [
        _gap(ordered[: cut + 1], ordered[cut + 1 :], centers, sizes) for cut in cuts
    ]
    cut = cuts[int(np.argmax(gaps))] + 1
    for part in (ordered[:cut], ordered[cut:]):
        target[part] = part[0]
        _part(part, target, centers, sizes, floor=floor)


def _gap(
    one: np.ndarray, other: np.ndarray, centers: np.ndarray, sizes: np.ndarray
) -> float:
    """Return what merging two sets of clusters would cost."""
    means = [
        np.average(centers[part], axis=0, weights=sizes[part]) for part in (one, other)
    ]
    return ward_costs(
        np.array(means), np.array([sizes[one].sum(), sizes[other].sum()])
    )[0, 1]


def merge_path(
    X: np.ndarray, leaves: np.ndarray, groups: np.ndarray, *, longest: int
) -> np.ndarray:
    """Return the cluster of every row for each number of clusters up to ``longest``.

    Two clusters are merged at a time, those whose merging adds least to the squared
    distances (Ward 1963, JASA 58), so that each number's clusters are unions of the
    next one's. Only clusters of one group are merged.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    leaves : ndarray of shape (n,)
        The clusters to begin with, of any size.
    groups : ndarray of shape (n,)
        All rows of a leaf have the same one.
    longest : int
        Most clusters wanted. Where there are more groups, as many as there are.

    Returns
    -------
    ndarray of shape (n, m), int
        Column j has clusters 1 to j + 1, the largest first; m is the lower of
        ``longest`` and the number of leaves. Zero where there are more groups than
        that.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [9.0]])
    >>> merge_path(X, np.array(list("abc")), np.array(list("NNN")), longest=3)
    array([[1, 1, 1],
           [1, 1, 2],
           [1, 2, 3]])
    """
    names, place, sizes = np.unique(leaves, return_inverse=True, return_counts=True)
    centers, sizes = centroids(X, leaves, names), sizes.astype(float)
    first = np.unique(place, return_index=True)[1]
    apart = groups[first][:, None] != groups[first][None]
    target, alive = np.arange(len(names)), np.ones(len(names), dtype=bool)
    steps = {len(names): target.copy()}
    for count in range(len(names) - 1, len(np.unique(groups)) - 1, -1):
        costs = ward_costs(centers, sizes)
        costs[apart] = np.inf
        costs[~alive], costs[:, ~alive] = np.inf, np.inf
        kept, gone = map(int, np.unravel_index(costs.argmin(), costs.shape))
        centers[kept], sizes[kept] = _joined(centers, sizes, gone, kept)
        target[target == gone], alive[gone] = kept, False
        steps[count] = target.copy()
    return _numbered(steps, place, most=max(longest, min(steps)))


def explained_variance(X: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of the squared distances from the mean that clusters explain.

    Examples
    --------
    >>> X = np.array([[0.0], [2.0], [8.0], [10.0]])
    >>> explained_variance(X, np.array([1, 1, 2, 2]))
    0.9411764705882353
    """
    total = ((X - X.mean(axis=0)) ** 2).sum()
    names, place = np.unique(labels, return_inverse=True)
    within = ((X - centroids(X, labels, names)[place]) ** 2).sum()
    return float(1 - within / total) if total > 0 else 0.0


def _joined(
    centers: np.ndarray, sizes: np.ndarray, one: int, other: int
) -> tuple[np.ndarray, float]:
    """Return centroid and size of two clusters together."""
    both = sizes[one] + sizes[other]
    return (sizes[one] * centers[one] + sizes[other] * centers[other]) / both, both


def _numbered(
    steps: dict[int, np.ndarray], place: np.ndarray, *, most: int
) -> np.ndarray:
    """Return the path; clusters are numbered from the largest, zero where none."""
    path = np.zeros((len(place), min(most, max(steps))), dtype=int)
    for count, target in steps.items():
        if count <= path.shape[1]:
            path[:, count - 1] = canonical_labels(target[place])
    return path
