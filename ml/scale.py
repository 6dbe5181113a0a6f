"""Scaling: every feature gets the same say."""

import numpy as np
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)

from ml.options import chosen

# Percentiles between which the robust scaler measures the spread. The quartiles
# would do for dense data; a need state that most stores do not sell has none there.
SPREAD = (5.0, 95.0)


def scaler(scaling: str, *, scaled_limit: float) -> Pipeline:
    """Return the pipeline for ``scaling``: robust, standard, minmax or none.

    Scaled values are clipped to plus and minus ``scaled_limit``, so that a single
    extreme value cannot make a cluster of its own.

    ``robust`` is median and percentile range, in units of a normal distribution's
    standard deviation. It stands on standardised data, so that a feature without a
    percentile range (the same in nine of ten stores) falls back to its standard
    deviation.

    Examples
    --------
    >>> X = np.array([[1.0], [2.0], [3.0], [99.0]])
    >>> scaler("standard", scaled_limit=1.0).fit_transform(X).ravel().round(2)
    array([-0.6 , -0.58, -0.55,  1.  ])
    """
    robust = RobustScaler(quantile_range=SPREAD, unit_variance=True)
    steps = {
        "robust": [StandardScaler(), robust],
        "standard": [StandardScaler()],
        "minmax": [MinMaxScaler()],
        "none": [],
    }
    clip = FunctionTransformer(
        np.clip, kw_args={"a_min": -scaled_limit, "a_max": scaled_limit}
    )
    return make_pipeline(*chosen("scaling", scaling, steps), clip)
