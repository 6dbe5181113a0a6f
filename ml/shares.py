"""From sales to compositions: shares of a store's sales, and their transforms."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from ml.options import chosen

# Half of a 0.1 % share: what a zero counts as where a logarithm needs one.
ZERO_SHARE = 0.0005

# Rounds of the weighted regression; the weights settle within a few.
ROUNDS = 20

# What truly sets stores apart is at least this share of their mean squared distance:
# a prior has to end somewhere.
LEAST_TRUE = 0.001

# Squared coefficient of variation of 1 / sales below which stores are of one size, and
# nothing can be learnt from small ones.
LEAST_SPREAD = 1e-9


class SharesOfSales(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Shares of a store's sales, those of small stores shrunk towards the average.

    A store that sold three bottles has shares of 0, 1/3 and 1 by chance alone. Each
    share is the mean of the store's own and the average store's, weighted by the
    store's sales and by a prior worth ``prior_`` of sales: the posterior mean under
    a Dirichlet prior, which is also how zeros are replaced in compositional data
    (Martin-Fernandez et al. 2015, Stat. Model. 15). How much the prior is worth is
    learnt from the stores (empirical Bayes), so that it depends neither on the
    currency nor on how noisy a category is; see `prior_sales`.

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

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Learn the average store, and what the prior is worth.

        ``X`` has shape (stores, need states), in money, none below zero.
        """
        X = validate_data(self, X, dtype=float, ensure_non_negative=True)
        shares = _shares(X)
        self.average_ = shares.sum(axis=0) / max(shares.sum(), 1.0)
        self.prior_ = prior_sales(X) if self.shrink else 0.0
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
        return _shares(X + self.prior_ * self.average_)


def prior_sales(sales: np.ndarray) -> float:
    """Return the sales that the average store's shares are worth as a prior.

    The squared distance of a store's shares from the average is, on average, what
    truly sets stores apart plus a chance part that falls with the store's sales.
    Both are estimated by a regression on 1 / sales, each store weighted by the
    inverse of its variance; the prior is the sales at which a store's shares tell as
    much as the average does (moments of the Dirichlet-multinomial: Mosimann 1962,
    Biometrika 49).

    Parameters
    ----------
    sales : ndarray of shape (n, d)

    Returns
    -------
    float
        In the unit of ``sales``; 0 where small stores differ no more than large ones.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> bottles = rng.integers(5, 200, size=(400, 1))
    >>> alike = rng.multinomial(bottles[:, 0], [0.5, 0.3, 0.2]) * 10.0
    >>> prior_sales(alike) > 1_000  # only chance sets these stores apart
    True
    """
    totals, shares = sales.sum(axis=1), _shares(sales)
    sold = totals > 0
    average = shares[sold].mean(axis=0) if sold.any() else shares.mean(axis=0)
    chance = (average * (1 - average)).sum()
    if sold.sum() < 3 or chance <= 0:
        return 0.0
    distance = ((shares[sold] - average) ** 2).sum(axis=1)
    if not distance.any():
        return 0.0
    true, by_sales = _regress(distance, 1 / totals[sold])
    return float(by_sales / chance * max(chance / true - 1, 0.0))


def _regress(distance: np.ndarray, inverse_sales: np.ndarray) -> tuple[float, float]:
    """Fit distance = a + b / sales with a > 0 and b >= 0; return both."""
    unit_x, unit_y = inverse_sales.mean(), distance.mean()
    x, y = inverse_sales / unit_x, distance / unit_y
    a, b = 1.0, 0.0
    for _ in range(ROUNDS):
        weights = 1 / (a + b * x) ** 2
        weights = weights / weights.sum()
        mean_x, mean_y = weights @ x, weights @ y
        spread = weights @ (x - mean_x) ** 2
        slope = weights @ ((x - mean_x) * (y - mean_y))
        b = max(slope / spread, 0.0) if spread > LEAST_SPREAD else 0.0
        a = max(mean_y - b * mean_x, LEAST_TRUE)
    return a * unit_y, b * unit_y / unit_x


def _shares(sales: np.ndarray) -> np.ndarray:
    totals = sales.sum(axis=1, keepdims=True)
    return np.divide(sales, totals, out=np.zeros(sales.shape), where=totals > 0)


def share_transformer(share_transform: str) -> FunctionTransformer:
    """Return the transformer for ``share_transform``.

    ``share`` leaves shares as they are. ``hellinger`` is the square root, after
    which Euclidean distance is the Hellinger distance between compositions
    (Legendre & Gallagher 2001, Oecologia 129). ``cube_root`` gives rare need states
    some more say: a step further along the power transforms that lead from shares
    to log-ratios (Greenacre 2009, Comput. Stat. Data Anal. 53). ``clr``, the centred
    log-ratio (Aitchison 1982, JRSS B 44), is where they end; zeros are replaced by
    a small share.

    Examples
    --------
    >>> share_transformer("hellinger").transform(np.array([[0.25, 0.75, 0.0]]))
    array([[0.5      , 0.8660254, 0.       ]])
    """
    transforms = {
        "share": None,
        "hellinger": np.sqrt,
        "cube_root": np.cbrt,
        "clr": _centred_log_ratio,
    }
    return FunctionTransformer(chosen("share_transform", share_transform, transforms))


def _centred_log_ratio(shares: np.ndarray) -> np.ndarray:
    logs = np.log(np.maximum(shares, ZERO_SHARE))
    return logs - logs.mean(axis=1, keepdims=True)
