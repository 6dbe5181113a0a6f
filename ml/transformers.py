"""Filters and scalers of features that scikit-learn does not have."""

from typing import Self

import numpy as np
from scipy.stats import norm, rankdata, yeojohnson, yeojohnson_normmax
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.feature_selection import SelectorMixin
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from ml.canonical import DECIMALS
from ml.settings import Scaling


class NearZeroVariance(SelectorMixin, BaseEstimator):
    """Drop features in which nearly all rows have the same value.

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
        """Keep the columns of ``X``, in order, that no earlier column resembles."""
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


# Percentiles between which the robust scaler measures the spread. The quartiles
# would do for dense data; a need state that most stores do not sell has none there.
SPREAD = (5.0, 95.0)


class PercentileScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Centre on the median and scale by a percentile range.

    Differs from scikit-learn's ``RobustScaler`` in two ways: the range is in units of
    a normal distribution's standard deviation, and a feature without one (the same
    in nine of ten rows) falls back to its standard deviation.

    Parameters
    ----------
    percentiles : tuple of float
        Lower and upper percentile, 0 to 100.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]])
    >>> PercentileScaler(percentiles=(25, 75)).fit_transform(X).ravel().round(2)
    array([-1.35, -0.67,  0.  ,  0.67,  1.35])
    """

    def __init__(self, *, percentiles: tuple[float, float]) -> None:
        self.percentiles = percentiles

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Learn the median and the spread of each column of ``X``."""
        X = validate_data(self, X)
        lower, self.center_, upper = np.percentile(
            X, [self.percentiles[0], 50, self.percentiles[1]], axis=0
        )
        normal = np.ptp(norm.ppf(np.array(self.percentiles) / 100))
        spread = np.where(upper > lower, (upper - lower) / normal, X.std(axis=0))
        rounding = 10 * np.finfo(float).eps * np.abs(X).max(axis=0)
        self.scale_ = np.where(np.ptp(X, axis=0) > rounding, spread, 1.0)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return ``X`` centred and scaled."""
        check_is_fitted(self)
        return (validate_data(self, X, reset=False) - self.center_) / self.scale_


# Bounds of a power, its decimals, and the most values that it is estimated from. Beyond
# the bounds the values of a tail can't be told apart any more. That of the mirrored
# column is 2 less the power.
POWERS = (-4.0, 6.0)
POWER_DECIMALS = 2
MOST_VALUES = 500


class PowerScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Raise columns to the power that makes them most nearly normal.

    The transform is that of Yeo & Johnson 2000 (Biometrika 87), as in scikit-learn's
    ``PowerTransformer``, on values in units of `PercentileScaler`, so that the unit of
    a column does not matter. The power has bounds, and is estimated from quantiles:
    of many values they say the same in less time.

    Examples
    --------
    >>> from scipy.stats import skew
    >>> X = np.random.default_rng(0).lognormal(0, 1, (300, 1))
    >>> skew(X).round(1), skew(PowerScaler().fit_transform(X)).round(1)
    (array([4.5]), array([0.2]))
    """

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Learn the unit and the power of each column of ``X``."""
        X = validate_data(self, X)
        self.unit_ = PercentileScaler(percentiles=SPREAD).fit(X)
        self.powers_ = np.array([_best_power(one) for one in self.unit_.transform(X).T])
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return ``X`` transformed, neither centred nor scaled."""
        check_is_fitted(self)
        units = self.unit_.transform(validate_data(self, X, reset=False))
        return raised(units, self.powers_)


def raised(units: np.ndarray, powers: np.ndarray) -> np.ndarray:
    """Return the Yeo-Johnson transform of each column with its power.

    Parameters
    ----------
    units : ndarray of shape (n, d)
    powers : ndarray of shape (d,)
        NaN leaves a column as it is.
    """
    with np.errstate(over="ignore"):  # infinite values are clipped
        columns = [
            one if np.isnan(power) else yeojohnson(one.round(DECIMALS), power)
            for one, power in zip(units.T, powers, strict=True)
        ]
    return np.array(columns).reshape(units.T.shape).T


def _best_power(values: np.ndarray) -> float:
    if np.ptp(values.round(DECIMALS)) == 0:
        return 1.0
    places = np.linspace(0, 1, min(len(values), MOST_VALUES))
    power = yeojohnson_normmax(np.quantile(values, places))
    return float(np.clip(power, *POWERS).round(POWER_DECIMALS))


def scaler(scaling: Scaling, *, scaled_limit: float) -> Pipeline:
    """Return the pipeline for ``scaling``: power, robust, standard, minmax or none.

    ``robust`` is the `PercentileScaler` from the 5th to the 95th percentile; ``power``
    is the same after the `PowerScaler`. Scaled values are clipped; see `limiter`.

    Examples
    --------
    >>> X = np.array([[1.0], [2.0], [3.0], [99.0]])
    >>> scaler("standard", scaled_limit=1.0).fit_transform(X).ravel().round(2)
    array([-0.6 , -0.58, -0.55,  1.  ])
    """
    steps: dict[Scaling, list[TransformerMixin]] = {
        "power": [
            PowerScaler(),
            PercentileScaler(percentiles=SPREAD),
            limiter(scaled_limit),
        ],
        "robust": [PercentileScaler(percentiles=SPREAD), limiter(scaled_limit)],
        "standard": [StandardScaler(), limiter(scaled_limit)],
        "minmax": [MinMaxScaler(), limiter(scaled_limit)],
        "none": [FunctionTransformer(validate=True)],
    }
    return make_pipeline(*steps[scaling])


def limiter(scaled_limit: float) -> FunctionTransformer:
    """Return the transformer that clips to plus and minus ``scaled_limit``.

    No single extreme value can make a cluster of its own then.
    """
    limits = {"a_min": -scaled_limit, "a_max": scaled_limit}
    return FunctionTransformer(np.clip, kw_args=limits)


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
