"""From a raw feature matrix to scaled numbers, per side."""

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from ml.block import BlockScaler
from ml.filters import CorrelationFilter, NearZeroVariance
from ml.options import chosen
from ml.scale import limiter, scaler
from ml.shares import share_transformer

IMPUTATIONS = {name: name for name in ("mean", "median", "most_frequent")}
SIDES = {name: name for name in ("internal", "external")}


def preprocessor(
    side: str,
    matrix: pd.DataFrame,
    *,
    share_transform: str,
    imputation: str,
    max_same_value: float,
    max_correlation: float,
    scaling: str,
    scaled_limit: float,
) -> TransformerMixin:
    """Return the unfitted transformer for the columns of ``matrix``.

    Parameters
    ----------
    side : str
        ``internal``: need-state shares, where what is not sold is zero.
        ``external``: numeric and categorical features, where nulls are unknown.
    matrix : DataFrame
        The rows to learn from. Float columns are numeric features, object columns
        categorical ones.
    share_transform : str
        See `ml.shares.share_transformer`; internal side only.
    imputation : str
        What stands in for an unknown number: mean, median or most_frequent;
        external side only.
    max_same_value, max_correlation : float
        See `ml.filters`.
    scaling, scaled_limit : str, float
        See `ml.scale.scaler`.
    """
    numeric_steps = [
        NearZeroVariance(max_same_value=max_same_value),
        CorrelationFilter(max_correlation=max_correlation),
        scaler(scaling, scaled_limit=scaled_limit),
    ]
    if chosen("side", side, SIDES) == "internal":
        return _share_preprocessor(share_transform, numeric_steps)
    strategy = chosen("imputation", imputation, IMPUTATIONS)
    numeric = make_pipeline(SimpleImputer(strategy=strategy), *numeric_steps)
    categorical = _level_preprocessor(scaled_limit)
    numbers = matrix.select_dtypes(float).columns
    levels = [
        feature
        for feature in matrix.columns.difference(numbers)
        if matrix[feature].value_counts(normalize=True).max() <= max_same_value
    ]
    return make_column_transformer(
        (numeric, list(numbers)), *((categorical, [level]) for level in levels)
    )


def _share_preprocessor(
    share_transform: str, numeric_steps: list[BaseEstimator]
) -> Pipeline:
    not_sold = SimpleImputer(strategy="constant", fill_value=0.0)
    return make_pipeline(not_sold, share_transformer(share_transform), *numeric_steps)


def _level_preprocessor(scaled_limit: float) -> Pipeline:
    """Encode a categorical feature; its levels together weigh as much as a number."""
    return make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(sparse_output=False, handle_unknown="ignore"),
        BlockScaler(weight=1.0),
        limiter(scaled_limit),
    )
