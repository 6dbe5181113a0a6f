"""From a raw feature matrix to scaled numbers, per side."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats.contingency import association
from sklearn.base import TransformerMixin, clone
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from ml.block import BlockScaler
from ml.canonical import DECIMALS
from ml.filters import CorrelationFilter, NearZeroVariance
from ml.options import chosen
from ml.scale import limiter, scaler
from ml.shares import SharesOfSales, share_transformer

IMPUTATIONS = {
    "mean": [SimpleImputer(strategy="mean")],
    "median": [SimpleImputer(strategy="median")],
    "most_frequent": [SimpleImputer(strategy="most_frequent")],
    # neighbours are found in comparable units, whatever the features come in, and
    # equally near ones are so to the last digit
    "knn": [
        StandardScaler(),
        FunctionTransformer(np.round, kw_args={"decimals": DECIMALS}),
        KNNImputer(n_neighbors=5),
    ],
}
# Share of the rows with one and the same value from which a number is one of levels.
COMMON = 1 / 3
SIDES = {name: name for name in ("internal", "external")}


def preprocessor(
    side: str,
    matrix: pd.DataFrame,
    *,
    share_transform: str,
    share_exponent: float,
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
    share_transform, share_exponent, shrink_shares : str, float, bool
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
    if imputation == "knn" and side == "external":
        numbers = _distinct(matrix[numbers], must_keep=must_keep)
    first = numbers[numbers.isin(must_keep)]
    numbers = [*first, *numbers.drop(first)]
    numeric_steps = [
        NearZeroVariance(max_same_value=max_same_value, first_kept=len(first)),
        CorrelationFilter(max_correlation=max_correlation, first_kept=len(first)),
        scaler(scaling, scaled_limit=scaled_limit),
    ]
    if chosen("side", side, SIDES) == "internal":
        shares = SharesOfSales(shrink=shrink_shares)
        return make_pipeline(
            SimpleImputer(strategy="constant", fill_value=0.0),  # not sold
            shares,
            share_transformer(share_transform, share_exponent=share_exponent),
            *numeric_steps,
        )
    imputer = clone(chosen("imputation", imputation, IMPUTATIONS), safe=False)
    numeric = make_pipeline(*imputer, *numeric_steps)
    categorical = _level_preprocessor(scaled_limit)
    levels = telling_levels(
        matrix,
        max_same_value=max_same_value,
        max_correlation=max_correlation,
        must_keep=must_keep,
    )
    return make_column_transformer(
        (numeric, numbers), *((categorical, [level]) for level in levels)
    )


def level_blocks(transformer: TransformerMixin, scaled: np.ndarray) -> list[slice]:
    """Return the columns of each feature of levels among those of ``scaled``.

    These are the categorical features and the numeric ones with one and the same
    value in a third of the rows or more, such as flags and counts that are often zero:
    no normal distribution has such a value.

    Parameters
    ----------
    transformer : TransformerMixin
        A fitted `preprocessor` of the external side. The internal side has none:
        shares of zero differ by the store's sales.
    scaled : ndarray of shape (n, d)
        What it returns for the rows in the fit.
    """
    if not isinstance(transformer, ColumnTransformer):
        return []
    blocks = [
        transformer.output_indices_[name]
        for name, fitted, _ in transformer.transformers_
        if isinstance(fitted, Pipeline) and isinstance(fitted[1], OneHotEncoder)
    ]
    numbers = min((block.start for block in blocks), default=scaled.shape[1])
    flags = np.flatnonzero([_most_common(column) >= COMMON for column in scaled.T])
    return [slice(flag, flag + 1) for flag in flags if flag < numbers] + blocks


def _most_common(column: np.ndarray) -> float:
    """Return the share of the rows that have the most common value."""
    return np.unique(column.round(DECIMALS), return_counts=True)[1].max() / len(column)


def telling_levels(
    matrix: pd.DataFrame,
    *,
    max_same_value: float,
    max_correlation: float,
    must_keep: Sequence[str] = (),
) -> list[str]:
    """Return the categorical features that `ml.filters` would keep, were they numbers.

    In place of the correlation stands Tschuprow's T: 1 where two features split the
    stores alike, whatever their levels are called; between features of two levels it
    is the absolute correlation.
    """
    levels = matrix.select_dtypes(object).fillna("")
    kept = [feature for feature in levels if feature in must_keep]
    for feature in levels.columns.drop(kept):
        shares = matrix[feature].value_counts(normalize=True)
        if len(shares) > 1 and shares.max() <= max_same_value:
            likeness = (_likeness(levels[feature], levels[other]) for other in kept)
            if max(likeness, default=0) <= max_correlation:
                kept.append(feature)
    return kept


def _likeness(level: pd.Series, other: pd.Series) -> float:
    """Return Tschuprow's T; a constant is like nothing."""
    pairs = pd.crosstab(level, other)
    return association(pairs, method="tschuprow") if min(pairs.shape) > 1 else 0.0


def _distinct(numbers: pd.DataFrame, *, must_keep: Sequence[str]) -> pd.Index:
    """Return the features that vary, each once: neighbours count them all."""
    varied = numbers.loc[:, numbers.min() < numbers.max()]
    standard = (varied - varied.mean()) / varied.std()
    distinct = varied.columns[~standard.round(DECIMALS).T.duplicated()]
    return numbers.columns[numbers.columns.isin([*distinct, *must_keep])]


def _level_preprocessor(scaled_limit: float) -> Pipeline:
    """Encode a categorical feature; its levels together weigh as much as a number."""
    return make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(sparse_output=False, handle_unknown="ignore"),
        BlockScaler(weight=1.0),
        limiter(scaled_limit),
    )
