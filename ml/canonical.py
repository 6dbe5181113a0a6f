"""Orders and labels that depend on the data alone, not on how it came."""

import numpy as np


def canonical_order(X: np.ndarray) -> np.ndarray:
    """Return the order that sorts the rows of ``X`` by their values.

    A random start picks rows by their place. Rows in this order make it pick the
    same ones, whatever the stores are called and whatever order they come in.

    Examples
    --------
    >>> canonical_order(np.array([[2.0, 1.0], [1.0, 7.0], [2.0, 0.0]]))
    array([1, 2, 0])
    """
    return np.lexsort(X.T[::-1])


def canonical_labels(labels: np.ndarray) -> np.ndarray:
    """Renumber clusters from 1, the largest first.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        Labels of rows in a fixed order, such as the canonical one.

    Returns
    -------
    ndarray of shape (n,), int
        Clusters of one size are in the order of their first rows.

    Examples
    --------
    >>> canonical_labels(np.array([7, 3, 3, 5, 3]))
    array([2, 1, 1, 3, 1])
    """
    names, first, inverse, sizes = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.empty(len(names), dtype=int)
    rank[np.lexsort((first, -sizes))] = np.arange(1, len(names) + 1)
    return rank[inverse]
