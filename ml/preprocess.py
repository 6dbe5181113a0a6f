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

from ml.canonical import DECIMALS
from ml.settings import (
    ExternalPreparation,
    Imputation,
    InternalPreparation,
    Preparation,
)
from ml.shares import SharesOfSales, share_transformer
from ml.transformers import (
    BlockScaler,
    CorrelationFilter,
    NearZeroVariance,
    limiter,
    scaler,
)

# Stores whose mean stands for an unknown number.
NEIGHBOURS = 5

IMPUTATIONS: dict[Imputation, list[TransformerMixin]] = {
    "mean": [SimpleImputer(strategy="mean")],
    "median": [SimpleImputer(strategy="median")],
    "most_frequent": [SimpleImputer(strategy="most_frequent")],
    # neighbours are found in comparable units, whatever the features come in, and
    # equally near ones are so to the last digit
    "knn": [
        StandardScaler(),
        FunctionTransformer(np.round, kw_args={"decimals": DECIMALS}),
        KNNImputer(n_neighbors=NEIGHBOURS),
    ],
}


def preprocessor(
    matrix: pd.DataFrame, settings: InternalPreparation | ExternalPreparation
) -> Pipeline | ColumnTransformer:
    """Return the unfitted transformer for the columns of ``matrix``.

    Parameters
    ----------
    matrix : DataFrame
        The rows to learn from. Float columns are numeric features, object columns
        categorical ones.
    settings : InternalPreparation or ExternalPreparation
        Internal: sales by need state, where what is not sold is zero. External: numeric
        and categorical features, where nulls are unknown. No filter drops a must-keep
        feature; of a pair that correlates, the other one is dropped.
    """
    if isinstance(settings, InternalPreparation):
        return _sales_preprocessor(settings)
    return _feature_preprocessor(matrix, settings)


def _sales_preprocessor(settings: InternalPreparation) -> Pipeline:
    return make_pipeline(
        SimpleImputer(strategy="constant", fill_value=0.0),  # not sold
        SharesOfSales(shrink=settings.shrink_shares),
        share_transformer(
            settings.share_transform, share_exponent=settings.share_exponent
        ),
        *_numeric_steps(settings),
        scaler(settings.internal_scaling, scaled_limit=settings.scaled_limit),
    )


def _feature_preprocessor(
    matrix: pd.DataFrame, settings: ExternalPreparation
) -> ColumnTransformer:
    must_keep = settings.must_keep_columns
    numbers = matrix.select_dtypes(float).columns
    if settings.imputation == "knn":
        numbers = _distinct(matrix[numbers], must_keep=must_keep)
    first = numbers[numbers.isin(must_keep)]
    numeric = make_pipeline(
        *clone(IMPUTATIONS[settings.imputation], safe=False),
        *_numeric_steps(settings, first_kept=len(first)),
        scaler(settings.external_scaling, scaled_limit=settings.scaled_limit),
    )
    categorical = _level_preprocessor(settings.scaled_limit)
    levels = telling_levels(matrix, settings)
    return make_column_transformer(
        (numeric, [*first, *numbers.drop(first)]),
        *((categorical, [level]) for level in levels),
    )


def _numeric_steps(
    settings: Preparation, *, first_kept: int = 0
) -> list[TransformerMixin]:
    """Return the filters of numbers, the first of which are kept in any case."""
    same, correlation = settings.max_same_value, settings.max_correlation
    return [
        NearZeroVariance(max_same_value=same, first_kept=first_kept),
        CorrelationFilter(max_correlation=correlation, first_kept=first_kept),
    ]


def telling_levels(matrix: pd.DataFrame, settings: ExternalPreparation) -> list[str]:
    """Return the categorical features that pass the same filters as numbers do.

    In place of the correlation stands Tschuprow's T: 1 where two features split the
    stores alike, whatever their levels are called; between features of two levels it
    is the absolute correlation.
    """
    levels = matrix.select_dtypes(object).fillna("")
    kept = [feature for feature in levels if feature in settings.must_keep_columns]
    for feature in levels.columns.drop(kept):
        shares = matrix[feature].value_counts(normalize=True)
        if len(shares) > 1 and shares.max() <= settings.max_same_value:
            likeness = (_likeness(levels[feature], levels[other]) for other in kept)
            if max(likeness, default=0) <= settings.max_correlation:
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
