"""Shares of a store's sales, shrunk towards the average, and their transforms."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from ml.settings import ShareTransform

# Half of a 0.1 % share: what a zero counts as where a logarithm needs one.
ZERO_SHARE = 0.0005

# The exponent that a name stands for; `power` has one of its own.
EXPONENTS = {"share": 1.0, "hellinger": 1 / 2, "cube_root": 1 / 3}


class SharesOfSales(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Shares of a store's sales, shrunk towards the average in small stores.

    A store that sold three bottles has shares of 0, 1/3 and 1 by chance alone. Each
    share is the mean of the store's own and the average store's, weighted by the
    store's sales and by a prior worth ``prior_`` of sales: the posterior mean under
    a Dirichlet prior, which is also how zeros are replaced in compositional data
    (Martin-Fernandez et al. 2015, Stat. Model. 15). How much the prior is worth is
    learnt from the stores (empirical Bayes), so that it depends neither on the
    currency nor on how noisy a category is; see `ml.shares.prior_sales`.

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


# Rounds of the weighted regression; the weights settle within a few.
ROUNDS = 20

# What truly sets stores apart is at least this share of their mean squared distance:
# the regression has to end somewhere.
LEAST_TRUE = 0.001

# Squared coefficient of variation below which stores are of one size, and nothing can
# be learnt from small ones.
LEAST_SPREAD = 1e-9

# The most that a prior is worth, in sales of the median store: where two halves of the
# periods show what is chance, and where sizes alone suggest it.
MOST_BY_HALVES = 10.0
MOST_BY_SIZES = 0.5

# Stores with sales in both halves from which the halves alone decide.
ENOUGH_STORES = 10.0


def prior_sales(sales: np.ndarray, odd_sales: np.ndarray | None = None) -> float:
    """Return the weight of the average store's shares as a prior, in sales.

    The squared distance of a store's shares from the average is, on average, what
    truly sets stores apart plus a chance part that falls with the store's sales, c /
    sales. The prior is the sales at which a store's shares tell as much as the average
    does: c by what truly sets stores apart (empirical Bayes; moments of the
    Dirichlet-multinomial: Mosimann 1962, Biometrika 49).

    Both parts are read from two halves of the periods, where there are any: chance
    differs between them, and what is true of a store does not (split-half
    reliability: Spearman 1910, Brit. J. Psychol. 3). Stores that sell in one half
    alone tell nothing. Without periods, or with fewer than ``ENOUGH_STORES`` to go by,
    a regression on 1 / sales takes their part. It takes for chance whatever makes small
    stores differ more from each other than large ones, so it may say less.

    Parameters
    ----------
    sales : ndarray of shape (n, d)
        None below zero.
    odd_sales : ndarray of shape (n, d), optional
        The part of ``sales`` that fell in every other period.

    Returns
    -------
    float
        In the unit of ``sales``; 0 where all distance is true. At most
        ``MOST_BY_HALVES`` or ``MOST_BY_SIZES`` times the sales of the median store.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> bottles = rng.integers(5, 200, size=400)
    >>> odd, even = rng.multinomial(bottles, [0.5, 0.3, 0.2], size=(2, 400))
    >>> weight = prior_sales(odd + even, odd) / np.median(2 * bottles)
    >>> bool(weight > 3)  # only chance sets these stores apart
    True
    """
    sold = sales.sum(axis=1) > 0
    if not sold.any():
        return 0.0
    sales, median = sales[sold], float(np.median(sales[sold].sum(axis=1)))
    if odd_sales is None:
        return _prior_by_sizes(sales, most=MOST_BY_SIZES * median)
    odd = np.minimum(odd_sales[sold], sales)
    balance = balance_of_halves(odd.sum(axis=1), (sales - odd).sum(axis=1))
    trust = min(balance.sum() / ENOUGH_STORES, 1.0)
    by_halves = _prior_by_halves(odd, sales - odd, most=MOST_BY_HALVES * median)
    if trust == 1:
        return by_halves
    by_sizes = _prior_by_sizes(sales, most=MOST_BY_SIZES * median)
    return trust * by_halves + (1 - trust) * by_sizes


def shares_of(sales: np.ndarray) -> np.ndarray:
    """Return each row divided by its sum; zeros if a row has no sales."""
    totals = sales.sum(axis=1, keepdims=True)
    return np.divide(sales, totals, out=np.zeros(sales.shape), where=totals > 0)


def balance_of_halves(odd: np.ndarray, even: np.ndarray) -> np.ndarray:
    """Return 1 for stores with equal halves, down to 0 for those with one alone."""
    return 4 * (odd / (odd + even)) * (even / (odd + even))


def _prior_by_halves(odd: np.ndarray, even: np.ndarray, *, most: float) -> float:
    """Compare the shares of each store in two halves of the periods.

    A half's shares are taken less their average over all stores: a season that all of
    them have is no chance. Stores above the median tell little more than it, since in
    large stores it is not chance that differs, but the times.
    """
    totals = (odd + even).sum(axis=1)
    balance = balance_of_halves(odd.sum(axis=1), even.sum(axis=1))
    if not balance.any():
        return 0.0
    halves = [shares_of(half) for half in (odd, even)]
    first, second = (
        half - np.average(half, axis=0, weights=balance) for half in halves
    )
    # 1 / half is the sum of the inverse sales of both halves
    half, usual = balance * totals / 4, float(np.median(totals)) / 4
    apart = ((first - second) ** 2).sum(axis=1)
    chance = (
        (balance * half / (half + usual)) @ apart / (balance / (half + usual)).sum()
    )
    true = balance @ (first * second).sum(axis=1) / balance.sum()
    return _worth(chance, true, most=most)


def _prior_by_sizes(sales: np.ndarray, *, most: float) -> float:
    """Compare stores of all sizes, less what goes with size itself."""
    totals, shares = sales.sum(axis=1), shares_of(sales)
    if len(sales) < 3:
        return 0.0
    from_average = shares - shares.mean(axis=0)
    of_size = _trend(from_average, np.log(totals))
    distance = ((from_average - of_size) ** 2).sum(axis=1)
    if not distance.any():
        return 0.0
    true, chance = _regress(distance, 1 / totals)
    return _worth(chance, true + (of_size**2).sum(axis=1).mean(), most=most)


def _worth(chance: float, true: float, *, most: float) -> float:
    """Return chance by true, at most ``most``."""
    return float(chance / max(true, chance / most)) if chance > 0 else 0.0


def _trend(shares: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return the part of the centred shares that is linear in size."""
    centred = size - size.mean()
    spread = centred @ centred
    if spread <= LEAST_SPREAD * len(size):
        return np.zeros(shares.shape)
    return np.outer(centred, centred @ shares / spread)


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
