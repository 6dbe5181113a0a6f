"""Orders and labels that depend on the data alone, not on the order of its rows."""

import numpy as np
import pandas as pd

# Decimals of scaled numbers that count: far below any difference between stores, and
# above what the order of floating-point additions can change.
DECIMALS = 9


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


def canonical_features(matrix: pd.DataFrame) -> pd.Index:
    """Return the columns of ``matrix`` in an order that depends on their values alone.

    Of features that say the same, a filter keeps the first. In this order it keeps
    the same one, whatever features are called, whatever their unit, and however often
    one of them comes.

    Parameters
    ----------
    matrix : DataFrame
        Float columns are numeric features, object columns categorical ones.

    Returns
    -------
    Index
        The most evenly spread features first; see ``_evenness``.

    Examples
    --------
    >>> matrix = pd.DataFrame({"A": [1.0, 1.0, 1.0, 9.0], "B": [3.0, 3.0, 5.0, 5.0]})
    >>> canonical_features(matrix).tolist()
    ['B', 'A']
    """
    evenness = matrix.apply(_evenness).astype(float).round(DECIMALS)
    return evenness.sort_values(ascending=False, kind="stable").index


def _evenness(feature: pd.Series) -> float:
    """Return the mean deviation by the standard deviation; of levels, the diversity.

    The first tells light tails from heavy ones (Geary 1935, Biometrika 27), the
    second how often two stores differ (Simpson 1949, Nature 163).
    """
    if feature.nunique() < 2:
        return 0.0
    if feature.dtype == object:
        return 1 - (feature.value_counts(normalize=True) ** 2).sum()
    deviation = (feature - feature.mean()).abs()
    return deviation.mean() / np.sqrt((deviation**2).mean())


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
