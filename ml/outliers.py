"""Stores unlike all others."""

import numpy as np
from sklearn.ensemble import IsolationForest

from ml.canonical import DECIMALS, canonical_order


def find_outliers(
    X: np.ndarray, *, outlier_score: float, random_state: int
) -> np.ndarray:
    """Return a boolean mask of the rows of ``X`` that are outliers.

    A row is one where its isolation-forest anomaly score (0 to 1; 0.5 is ordinary;
    Liu, Ting & Zhou 2008, ICDM) is at least ``outlier_score``. An ``outlier_score``
    of 1 or more finds none, and no forest is grown. Outliers are few: where half of the
    rows or more reach the score, it tells nothing, and none is one.

    Examples
    --------
    >>> X = np.r_[np.random.default_rng(0).normal(size=(99, 2)), [[40.0, 40.0]]]
    >>> np.flatnonzero(find_outliers(X, outlier_score=0.75, random_state=0))
    array([99])
    """
    if outlier_score >= 1:
        return np.zeros(len(X), dtype=bool)
    X = X.round(DECIMALS)
    X = X[:, canonical_order(np.sort(X, axis=0).T)]  # whatever features are called
    ordered = X[canonical_order(X)]
    forest = IsolationForest(random_state=random_state).fit(ordered)
    outlier = -forest.score_samples(X) >= outlier_score
    return outlier & (outlier.mean() < 0.5)
