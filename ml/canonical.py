"""Labels that depend on the clusters alone, not on the order they were found in."""

import numpy as np


def canonical_labels(labels: np.ndarray, *, counted: np.ndarray) -> np.ndarray:
    """Renumber clusters from 1, the largest first.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        Labels of rows in a fixed order, such as by store number.
    counted : ndarray of shape (n,), bool
        Rows that count for size, such as those in the fit.

    Returns
    -------
    ndarray of shape (n,), int
        Clusters of one size are in the order of their first rows.

    Examples
    --------
    >>> labels = np.array([7, 3, 3, 5, 3])
    >>> canonical_labels(labels, counted=np.ones(5, dtype=bool))
    array([2, 1, 1, 3, 1])
    """
    names, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    sizes = np.bincount(inverse[counted], minlength=len(names))
    rank = np.empty(len(names), dtype=int)
    rank[np.lexsort((first, -sizes))] = np.arange(1, len(names) + 1)
    return rank[inverse]
