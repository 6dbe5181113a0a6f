"""Feature filters that scikit-learn does not have."""

from typing import Self

import numpy as np
from scipy.stats import rankdata
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.validation import check_is_fitted, validate_data


class NearZeroVariance(SelectorMixin, BaseEstimator):
    """Drop features in which nearly all rows have one and the same value.

    Unlike a threshold on the variance it does not depend on the feature's unit
    (Kuhn & Johnson 2013, Applied Predictive Modeling, section 3.5). Where every
    feature is such, the most varied one is kept: there is always one left.

    Parameters
    ----------
    max_same_value : float
        Highest share of rows, 0 to 1, that may have the most frequent value.
    first_kept : int
        So many columns, from the first on, are never dropped.

    Examples
    --------
    >>> X = np.array([[1.0, 5.0], [1.0, 6.0], [1.0, 7.0], [2.0, 8.0]])
    >>> NearZeroVariance(max_same_value=0.7).fit(X).get_support()
    array([False,  True])
    """

    def __init__(self, *, max_same_value: float, first_kept: int = 0) -> None:
        self.max_same_value = max_same_value
        self.first_kept = first_kept

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Find the share of the most frequent value in each column of ``X``."""
        X = validate_data(self, X)
        counts = [np.unique(column, return_counts=True)[1].max() for column in X.T]
        self.same_value_share_ = np.array(counts) / len(X)
        return self

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self)
        most_varied = self.same_value_share_.min()
        varied = self.same_value_share_ <= max(
            min(self.max_same_value, np.nextafter(1, 0)), most_varied
        )
        return varied | (np.arange(len(varied)) < self.first_kept)


class CorrelationFilter(SelectorMixin, BaseEstimator):
    """Drop the second of each pair of features that say the same.

    Parameters
    ----------
    max_correlation : float
        Highest absolute rank correlation (Spearman), 0 to 1, that two features may
        have: what is skewed counts as what it says, not by its largest values.
    first_kept : int
        So many columns, from the first on, are never dropped.

    Examples
    --------
    >>> X = np.array([[1.0, 2.0, 0.0], [2.0, 4.1, 1.0], [3.0, 6.0, 0.0]])
    >>> CorrelationFilter(max_correlation=0.95).fit(X).get_support()
    array([ True, False,  True])
    """

    def __init__(self, *, max_correlation: float, first_kept: int = 0) -> None:
        self.max_correlation = max_correlation
        self.first_kept = first_kept

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Go through the columns of ``X`` in order and keep what is new."""
        X = validate_data(self, X, ensure_min_samples=2)
        with np.errstate(invalid="ignore"):  # a constant correlates with nothing
            ranks = rankdata(X, axis=0)
            correlation = np.abs(np.atleast_2d(np.corrcoef(ranks, rowvar=False)))
        kept = list(range(min(self.first_kept, X.shape[1])))
        for column in range(len(kept), X.shape[1]):
            if not (correlation[column, kept] > self.max_correlation).any():
                kept.append(column)
        self.support_ = np.isin(np.arange(X.shape[1]), kept)
        return self

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self)
        return self.support_
