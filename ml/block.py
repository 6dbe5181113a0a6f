"""Blocks of columns that count as one, however wide they are."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data


class BlockScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Centre a block of columns and scale it as a whole.

    The columns together get a variance of ``weight``, whatever their number; their
    proportions stay. This is how multiple factor analysis balances groups of
    variables (Escofier & Pages 1994, Comput. Stat. Data Anal. 18), with the total
    variance of the block in place of its first eigenvalue.

    Parameters
    ----------
    weight : float
        Variance of the scaled block, all its columns together.

    Examples
    --------
    >>> X = np.array([[0.0, 2.0], [4.0, 2.0], [2.0, 5.0]])
    >>> float(BlockScaler(weight=1.0).fit_transform(X).var(axis=0).sum().round(9))
    1.0
    """

    def __init__(self, *, weight: float) -> None:
        self.weight = weight

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Learn the column means and the total variance of ``X``; 0 stays 0."""
        X = validate_data(self, X)
        self.mean_ = X.mean(axis=0)
        varies = np.ptp(X, axis=0).any()
        self.scale_ = np.sqrt(self.weight / X.var(axis=0).sum()) if varies else 0.0
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return ``X`` centred and scaled."""
        check_is_fitted(self)
        return (validate_data(self, X, reset=False) - self.mean_) * self.scale_
