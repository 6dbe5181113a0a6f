"""Scaling: every feature gets the same say."""

from typing import Self

import numpy as np
from scipy.stats import norm
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from ml.settings import Scaling

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


def scaler(scaling: Scaling, *, scaled_limit: float) -> Pipeline:
    """Return the pipeline for ``scaling``: robust, standard, minmax or none.

    ``robust`` is the `PercentileScaler` from the 5th to the 95th percentile. Scaled
    values are clipped; see `limiter`.

    Examples
    --------
    >>> X = np.array([[1.0], [2.0], [3.0], [99.0]])
    >>> scaler("standard", scaled_limit=1.0).fit_transform(X).ravel().round(2)
    array([-0.6 , -0.58, -0.55,  1.  ])
    """
    steps: dict[Scaling, list[TransformerMixin]] = {
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
