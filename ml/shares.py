"""From sales to compositions: shares of a store's sales, and their transforms."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from ml.prior import prior_sales, shares_of
from ml.settings import ShareTransform

# Half of a 0.1 % share: what a zero counts as where a logarithm needs one.
ZERO_SHARE = 0.0005

# The exponent that a name stands for; `power` has one of its own.
EXPONENTS = {"share": 1.0, "hellinger": 1 / 2, "cube_root": 1 / 3}


class SharesOfSales(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Shares of a store's sales, those of small stores shrunk towards the average.

    A store that sold three bottles has shares of 0, 1/3 and 1 by chance alone. Each
    share is the mean of the store's own and the average store's, weighted by the
    store's sales and by a prior worth ``prior_`` of sales: the posterior mean under
    a Dirichlet prior, which is also how zeros are replaced in compositional data
    (Martin-Fernandez et al. 2015, Stat. Model. 15). How much the prior is worth is
    learnt from the stores (empirical Bayes), so that it depends neither on the
    currency nor on how noisy a category is; see `ml.prior.prior_sales`.

    Parameters
    ----------
    shrink : bool
        False: shares as they are.

    Examples
    --------
    >>> sales = np.array([[3.0, 1.0], [0.0, 2.0]])
    >>> SharesOfSales(shrink=False).fit_transform(sales)
    array([[0.75, 0.25],
           [0.  , 1.  ]])
    """

    def __init__(self, *, shrink: bool) -> None:
        self.shrink = shrink

    def fit(
        self, X: np.ndarray, y: None = None, odd_sales: np.ndarray | None = None
    ) -> Self:
        """Learn the average store, and what the prior is worth.

        ``X`` has shape (stores, need states), in money, none below zero;
        ``odd_sales`` is the part of it that fell in every other period.
        """
        X = validate_data(self, X, dtype=float, ensure_non_negative=True)
        shares = shares_of(X)
        self.average_ = shares.sum(axis=0) / max(shares.sum(), 1.0)
        self.prior_ = prior_sales(X, odd_sales) if self.shrink else 0.0
        return self

    def __sklearn_tags__(self) -> Tags:
        """Tell scikit-learn that sales are not negative."""
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return shares that sum to one in each row that has sales."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, ensure_non_negative=True, reset=False)
        return shares_of(X + self.prior_ * self.average_)


def share_transformer(
    share_transform: ShareTransform, *, share_exponent: float
) -> FunctionTransformer:
    """Return the transformer for ``share_transform``.

    ``power`` raises shares to ``share_exponent``, above 0 to 1: the smaller it is, the
    more say rare need states have. Power transforms lead from shares to log-ratios
    (Greenacre 2009, Comput. Stat. Data Anal. 53). Three have names: ``share`` leaves
    shares as they are (1); ``hellinger`` is the square root (1/2), after which
    Euclidean distance is the Hellinger distance between compositions (Legendre &
    Gallagher 2001, Oecologia 129); ``cube_root`` is 1/3. ``clr``, the centred
    log-ratio (Aitchison 1982, JRSS B 44), is where they end; zeros are replaced by a
    small share.

    Examples
    --------
    >>> root = share_transformer("power", share_exponent=0.5)
    >>> root.transform(np.array([[0.25, 0.75, 0.0]]))
    array([[0.5      , 0.8660254, 0.       ]])
    """
    if share_transform == "clr":
        return FunctionTransformer(_centred_log_ratio)
    exponent = EXPONENTS.get(share_transform, share_exponent)
    return FunctionTransformer(_power, kw_args={"exponent": exponent})


def _power(shares: np.ndarray, *, exponent: float) -> np.ndarray:
    return np.power(shares, exponent)


def _centred_log_ratio(shares: np.ndarray) -> np.ndarray:
    logs = np.log(np.maximum(shares, ZERO_SHARE))
    return logs - logs.mean(axis=1, keepdims=True)
