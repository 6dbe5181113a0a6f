"""Prepare: from store features to components that can be clustered."""

import numpy as np
import pandas as pd

from ml.canonical import canonical_features
from ml.determinism import single_threaded
from ml.frames import by_category, typed_frame
from ml.matrix import feature_matrix, features_by_category, odd_sales_matrix
from ml.options import chosen
from ml.outliers import find_outliers
from ml.preprocess import preprocessor, telling_levels
from ml.reduce import mixed_components, principal_components

PREPARED = {
    "store_id": "str",
    "category": "str",
    "components": "object",
    "is_outlier": "bool",
    "in_fit": "bool",
    "prior_sales": "float64",
}
NOTHING_FITTED = {
    "components": None,
    "is_outlier": False,
    "in_fit": False,
    "prior_sales": None,
}


@single_threaded
def prepare(
    features: pd.DataFrame,
    stores: pd.DataFrame,
    *,
    side: str,
    outlier_score: float,
    reduction: str,
    n_components: float,
    random_state: int,
    **preprocessing: str | float,
) -> pd.DataFrame:
    """Filter, impute, scale and reduce the features of every store and category.

    What is learnt (which features, medians, spreads, principal axes) is learnt from
    the stores in the fit alone: eligible ones with features that are not outliers.
    The others are expressed in the same components.

    Parameters
    ----------
    features : DataFrame
        Long form; see `ml.matrix.feature_matrix`. On the internal side, odd_sales
        beside the sales is the part of them that fell in every other period; null,
        or no such column, where there are no periods.
    stores : DataFrame
        One row per store and category: store_id, category, is_eligible.
    side : str
        ``internal`` or ``external``; see `ml.preprocess.preprocessor`.
    outlier_score : float
        See `ml.outliers.find_outliers`.
    reduction : str
        ``pca``, or ``famd`` for numeric and categorical features together; see
        `ml.reduce`.
    n_components : float
        Below 1, the share of the variance that components keep; from 1 on, their
        number.
    random_state : int
        Seed of the isolation forest.
    **preprocessing
        The other settings of `ml.preprocess.preprocessor`.

    Returns
    -------
    DataFrame
        One row per row of ``stores``: store_id, category, components (list of
        floats, or None for a store without features), is_outlier, in_fit,
        prior_sales (what the category's average is worth in the shares of each store,
        see `ml.prior`; null on the external side, and where nothing is fitted).
    """
    mixed = chosen("reduction", reduction, {"pca": False, "famd": True})
    features_of = features_by_category(features)

    def prepare_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        key = {"category": category, "store_ids": pd.Index(rows["store_id"])}
        matrix = feature_matrix(features_of(category), **key)
        odd_sales = odd_sales_matrix(features_of(category), **key)
        eligible = rows["is_eligible"].to_numpy(dtype=bool)
        matrix = matrix.loc[:, matrix[eligible].notna().any()]
        known = matrix.notna().any(axis=1).to_numpy(dtype=bool)
        fit = known & eligible
        if fit.sum() < 2:
            return rows.assign(**NOTHING_FITTED)
        steps = {"side": side, "odd_sales": odd_sales, **preprocessing}
        scaled, prior_sales = _scale_features(matrix, fit, **steps)
        outlier = fit.copy()
        outlier[fit] = find_outliers(
            scaled[fit], outlier_score=outlier_score, random_state=random_state
        )
        if outlier.any():
            fit &= ~outlier
            scaled, prior_sales = _scale_features(matrix, fit, **steps)
        if mixed:
            components = _mix(matrix, fit, n_components=n_components, **preprocessing)
        else:
            components = principal_components(scaled, fit, n_components=n_components)
        return rows.assign(
            components=_listed(components, known),
            is_outlier=outlier,
            in_fit=fit,
            prior_sales=prior_sales,
        )

    return typed_frame(by_category(stores, prepare_category), PREPARED)


def _listed(components: np.ndarray, known: np.ndarray) -> list[np.ndarray | None]:
    """Return one list per store, and none for a store without features."""
    return [row if has else None for row, has in zip(components, known, strict=True)]


def _scale_features(
    matrix: pd.DataFrame,
    fit: np.ndarray,
    *,
    side: str,
    odd_sales: pd.DataFrame | None,
    **preprocessing: str | float,
) -> tuple[np.ndarray, float | None]:
    """Scale all rows as learnt from those in ``fit``; zeros where nothing is left.

    Returns the prior too, which the internal side has.
    """
    learnable = _learnable(matrix, fit)
    if learnable.empty:
        return np.zeros((len(matrix), 1)), None
    # in this order, of equally near neighbours always the same ones are taken
    learnt = learnable[fit].sort_values(list(learnable.columns))
    transformer = preprocessor(side, learnt, **preprocessing)
    if odd_sales is not None:
        odd = odd_sales.reindex(index=learnt.index, columns=learnt.columns)
        transformer.fit(learnt, sharesofsales__odd_sales=odd.fillna(0.0).to_numpy())
    else:
        transformer.fit(learnt)
    scaled = transformer.transform(learnable)
    prior_sales = transformer["sharesofsales"].prior_ if side == "internal" else None
    return (scaled if scaled.shape[1] else np.zeros((len(matrix), 1))), prior_sales


def _mix(
    matrix: pd.DataFrame,
    fit: np.ndarray,
    *,
    n_components: float,
    **preprocessing: str | float,
) -> np.ndarray:
    """Reduce numeric and categorical features together."""
    telling = telling_levels(
        _learnable(matrix, fit)[fit],
        max_same_value=preprocessing["max_same_value"],
        max_correlation=preprocessing["max_correlation"],
        must_keep=preprocessing.get("must_keep", ()),
    )
    numbers, _ = _scale_features(
        matrix.select_dtypes(float),
        fit,
        side="external",
        odd_sales=None,
        **preprocessing,
    )
    return mixed_components(numbers, matrix[telling], fit, n_components=n_components)


def _learnable(matrix: pd.DataFrame, fit: np.ndarray) -> pd.DataFrame:
    """Return the features that stores in the fit have, in an order of their own."""
    known = matrix.loc[:, matrix[fit].notna().any()]
    return known[canonical_features(known[fit])]
