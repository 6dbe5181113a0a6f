"""Prepare: from store features to components that can be clustered."""

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest

from ml.algorithms import single_threaded
from ml.canonical import DECIMALS, canonical_order
from ml.frames import (
    by_category,
    feature_matrix,
    features_by_category,
    odd_sales_matrix,
    typed_frame,
)
from ml.projection import COLUMNS, Projection
from ml.settings import ExternalPreparation, InternalPreparation

PREPARED = {
    "store_id": "str",
    "category": "str",
    "components": "object",
    "scaled": "object",
    "is_outlier": "bool",
    "in_fit": "bool",
    "prior_sales": "float64",
}
PROJECTIONS = {"category": "str"} | COLUMNS
NOTHING_FITTED = {
    "components": None,
    "scaled": None,
    "is_outlier": False,
    "in_fit": False,
    "prior_sales": None,
}


@single_threaded
def prepare(
    stores: pd.DataFrame,
    features: pd.DataFrame,
    settings: InternalPreparation | ExternalPreparation,
) -> pd.DataFrame:
    """Filter, impute, scale and reduce the features of every store and category.

    What is learnt (which features, medians, spreads, principal axes) is learnt from
    the stores in the fit alone: eligible ones with features that are not outliers.
    Where all features are levels, a rare combination of them makes no outlier.
    The others are expressed in the same components.

    Parameters
    ----------
    stores : DataFrame
        One row per store and category: store_id, category, is_eligible.
    features : DataFrame
        Long form; see `ml.frames.feature_matrix`. On the internal side, odd_sales
        beside the sales is the part of them that fell in every other period; null,
        or no such column, where there are no periods.
    settings : InternalPreparation or ExternalPreparation
        Of the side that the features are of; see `ml.preprocess.preprocessor`.
        ``n_components`` says how many components there are.

    Returns
    -------
    DataFrame
        One row per row of ``stores``: store_id, category, components (list of
        floats, or None for a store without features), scaled (its used features, as
        they are before they are reduced), is_outlier, in_fit, prior_sales. prior_sales
        is what the category's average is worth in the shares of each store (see
        `ml.shares`), null on the external side, and where nothing is fitted.
    """
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
        learnt = Projection.learn(matrix[fit], settings, odd_sales=odd_sales)
        outlier = np.zeros(len(fit), dtype=bool)
        if learnt.has_numbers:
            outlier[fit] = find_outliers(
                learnt.scaled(matrix[fit]),
                outlier_score=settings.outlier_score,
                random_state=settings.random_state,
            )
        if outlier.any():
            fit &= ~outlier
            learnt = Projection.learn(matrix[fit], settings, odd_sales=odd_sales)
        learnt = learnt.reduce(matrix[fit], settings)
        scaled = learnt.scaled(matrix)
        return rows.assign(
            components=_listed(learnt.components(scaled), known),
            scaled=_listed(scaled.round(DECIMALS), known),
            is_outlier=outlier,
            in_fit=fit,
            prior_sales=learnt.prior_sales,
        )

    return typed_frame(by_category(stores, prepare_category), PREPARED)


@single_threaded
def fit_projections(
    prepared: pd.DataFrame,
    features: pd.DataFrame,
    settings: InternalPreparation | ExternalPreparation,
) -> pd.DataFrame:
    """Return what `prepare` learnt, so that other stores can be expressed likewise.

    It is learnt again, from the same stores: that takes milliseconds.

    Parameters
    ----------
    prepared : DataFrame
        As `prepare` returned it.
    features, settings : DataFrame, InternalPreparation or ExternalPreparation
        What it was called with.

    Returns
    -------
    DataFrame
        One row per category and column: see `ml.projection.Projection`. None for a
        category where nothing was fitted.
    """
    features_of = features_by_category(features)

    def fit_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        fit = rows["in_fit"].to_numpy(dtype=bool)
        key = {"category": category, "store_ids": pd.Index(rows["store_id"])}
        matrix = feature_matrix(features_of(category), **key)
        odd_sales = odd_sales_matrix(features_of(category), **key)
        if not fit.any():
            return pd.DataFrame(columns=list(PROJECTIONS))
        learnt = Projection.learn(matrix[fit], settings, odd_sales=odd_sales)
        return learnt.reduce(matrix[fit], settings).columns.assign(category=category)

    return typed_frame(by_category(prepared, fit_category), PROJECTIONS)


def _listed(components: np.ndarray, known: np.ndarray) -> list[np.ndarray | None]:
    """Return one list per store, and none for a store without features."""
    return [row if has else None for row, has in zip(components, known, strict=True)]


def find_outliers(
    X: np.ndarray, *, outlier_score: float, random_state: int
) -> np.ndarray:
    """Return a boolean mask of the rows of ``X`` that are outliers.

    A row is one where its isolation-forest anomaly score (0 to 1; 0.5 is ordinary;
    Liu, Ting & Zhou 2008, ICDM) is at least ``outlier_score``. An ``outlier_score``
    of 1 or more finds none, and no forest is grown. Outliers are few: where half of the
    rows or more reach the score, it tells nothing, and none is one.

    Examples
    --------
    >>> X = np.r_[np.random.default_rng(0).normal(size=(99, 2)), [[40.0, 40.0]]]
    >>> np.flatnonzero(find_outliers(X, outlier_score=0.75, random_state=0))
    array([99])
    """
    if outlier_score >= 1:
        return np.zeros(len(X), dtype=bool)
    X = X.round(DECIMALS)
    X = X[:, canonical_order(np.sort(X, axis=0).T)]  # whatever features are called
    ordered = X[canonical_order(X)]
    forest = IsolationForest(random_state=random_state).fit(ordered)
    outlier = -forest.score_samples(X) >= outlier_score
    return outlier & (outlier.mean() < 0.5)
