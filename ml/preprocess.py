"""From a raw feature matrix to scaled numbers, per side."""

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from ml.block import BlockScaler
from ml.filters import CorrelationFilter, NearZeroVariance
from ml.options import chosen
from ml.scale import scaler
from ml.shares import share_transformer

IMPUTATIONS = {name: name for name in ("mean", "median", "most_frequent")}


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
        Float columns are numeric features, object columns categorical ones.
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
    sides = {"internal": _share_preprocessor, "external": _external_preprocessor}
    option = {"internal": share_transform, "external": imputation}
    return chosen("side", side, sides)(matrix, option[side], numeric_steps)


def _share_preprocessor(
    _matrix: pd.DataFrame, share_transform: str, numeric_steps: list[BaseEstimator]
) -> Pipeline:
    not_sold = SimpleImputer(strategy="constant", fill_value=0.0)
    return make_pipeline(not_sold, share_transformer(share_transform), *numeric_steps)


def _external_preprocessor(
    matrix: pd.DataFrame, imputation: str, numeric_steps: list[BaseEstimator]
) -> ColumnTransformer:
    strategy = chosen("imputation", imputation, IMPUTATIONS)
    numeric = make_pipeline(SimpleImputer(strategy=strategy), *numeric_steps)
    # a categorical feature has, all its levels together, the variance of a number
    categorical = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(sparse_output=False, handle_unknown="ignore"),
        BlockScaler(weight=1.0),
    )
    numbers = matrix.select_dtypes(float).columns
    levels = matrix.columns.difference(numbers)
    return make_column_transformer(
        (numeric, list(numbers)), *((categorical, [level]) for level in levels)
    )
