"""From a raw feature matrix to scaled numbers, per side."""

from collections.abc import Sequence

import pandas as pd
from sklearn.base import TransformerMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from ml.block import BlockScaler
from ml.filters import CorrelationFilter, NearZeroVariance
from ml.options import chosen
from ml.scale import limiter, scaler
from ml.shares import SharesOfSales, share_transformer

IMPUTATIONS = {
    "mean": [SimpleImputer(strategy="mean")],
    "median": [SimpleImputer(strategy="median")],
    "most_frequent": [SimpleImputer(strategy="most_frequent")],
    # neighbours are found in comparable units, whatever the features come in
    "knn": [StandardScaler(), KNNImputer(n_neighbors=5)],
}
SIDES = {name: name for name in ("internal", "external")}


def preprocessor(
    side: str,
    matrix: pd.DataFrame,
    *,
    share_transform: str,
    shrink_shares: bool,
    imputation: str,
    max_same_value: float,
    max_correlation: float,
    scaling: str,
    scaled_limit: float,
    must_keep: Sequence[str] = (),
) -> TransformerMixin:
    """Return the unfitted transformer for the columns of ``matrix``.

    Parameters
    ----------
    side : str
        ``internal``: sales by need state, where what is not sold is zero.
        ``external``: numeric and categorical features, where nulls are unknown.
    matrix : DataFrame
        The rows to learn from. Float columns are numeric features, object columns
        categorical ones.
    share_transform, shrink_shares : str, bool
        See `ml.shares.share_transformer` and `ml.shares.SharesOfSales`; internal
        side only.
    imputation : str
        What stands in for an unknown number: mean, median or most_frequent of the
        feature, or knn, the mean of the 5 stores most alike in the other features;
        external side only.
    max_same_value, max_correlation : float
        See `ml.filters`.
    scaling, scaled_limit : str, float
        See `ml.scale.scaler`.
    must_keep : sequence of str
        Features that no filter drops; of a pair that correlates, the other one is.
    """
    numbers = matrix.select_dtypes(float).columns
    first = numbers[numbers.isin(must_keep)]
    numeric_steps = [
        NearZeroVariance(max_same_value=max_same_value, first_kept=len(first)),
        CorrelationFilter(max_correlation=max_correlation, first_kept=len(first)),
        scaler(scaling, scaled_limit=scaled_limit),
    ]
    if chosen("side", side, SIDES) == "internal":
        shares = SharesOfSales(shrink=shrink_shares)
        return make_pipeline(
            SimpleImputer(strategy="constant", fill_value=0.0),  # not sold
            *(shares, share_transformer(share_transform), *numeric_steps),
        )
    imputer = clone(chosen("imputation", imputation, IMPUTATIONS), safe=False)
    numeric = make_pipeline(*imputer, *numeric_steps)
    categorical = _level_preprocessor(scaled_limit)
    levels = [
        feature
        for feature in matrix.columns.difference(numbers)
        if feature in must_keep
        or matrix[feature].value_counts(normalize=True).max() <= max_same_value
    ]
    ordered = [*first, *numbers.drop(first)]
    return make_column_transformer(
        (numeric, ordered), *((categorical, [level]) for level in levels)
    )


def _level_preprocessor(scaled_limit: float) -> Pipeline:
    """Encode a categorical feature; its levels together weigh as much as a number."""
    return make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(sparse_output=False, handle_unknown="ignore"),
        BlockScaler(weight=1.0),
        limiter(scaled_limit),
    )
