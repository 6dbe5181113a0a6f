"""Prepare: from store features to components that can be clustered."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import Pipeline

from ml.algorithms import single_threaded
from ml.canonical import DECIMALS, canonical_features, canonical_order
from ml.frames import (
    by_category,
    feature_matrix,
    features_by_category,
    odd_sales_matrix,
    typed_frame,
)
from ml.preprocess import level_blocks, preprocessor, telling_levels
from ml.reduce import centred, mixed_features, principal_axes, projected
from ml.settings import ExternalPreparation, InternalPreparation

PREPARED = {
    "store_id": "str",
    "category": "str",
    "components": "object",
    "level_components": "object",
    "is_outlier": "bool",
    "in_fit": "bool",
    "prior_sales": "float64",
}
NOTHING_FITTED = {
    "components": None,
    "level_components": None,
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
        floats, or None for a store without features), level_components, is_outlier,
        in_fit, prior_sales. level_components is the part of the components that each
        feature of levels adds, one after the other: components are their sum and what
        the other features add; empty where there is none; see
        `ml.preprocess.level_blocks`. prior_sales is what the category's average is
        worth in the shares of each store (see `ml.shares`), null on the external side,
        and where nothing is fitted.
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
        learnt = _scale_features(matrix, fit, settings, odd_sales=odd_sales)
        outlier = np.zeros(len(fit), dtype=bool)
        if learnt.has_numbers:
            outlier[fit] = find_outliers(
                learnt.rows[fit],
                outlier_score=settings.outlier_score,
                random_state=settings.random_state,
            )
        if outlier.any():
            fit &= ~outlier
            learnt = _scale_features(matrix, fit, settings, odd_sales=odd_sales)
        is_external = isinstance(settings, ExternalPreparation)
        if is_external and settings.external_reduction == "famd":
            learnt = _mix(matrix, fit, settings)
        axes = principal_axes(learnt.rows, fit, n_components=settings.n_components)
        centres = centred(learnt.rows, fit)
        components, levels = _project(centres, axes, learnt.blocks)
        return rows.assign(
            components=_listed(components, known),
            level_components=_listed(levels, known),
            is_outlier=outlier,
            in_fit=fit,
            prior_sales=learnt.prior_sales,
        )

    return typed_frame(by_category(stores, prepare_category), PREPARED)


def project_sales(
    then: pd.DataFrame,
    now: pd.DataFrame,
    in_fit: np.ndarray,
    settings: InternalPreparation,
    *,
    odd_sales: pd.DataFrame | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Express sales of then and of now in the components of a fit of then.

    What the fit learnt is learnt again, from the same stores: that takes milliseconds,
    and needs no file of its own.

    Parameters
    ----------
    then, now : DataFrame
        Sales by need state, in money: a row per store; see `ml.frames.feature_matrix`.
        Need states that only ``now`` has are left out.
    in_fit : ndarray of bool
        The rows of ``then`` that were in the fit, as `prepare` says.
    settings : InternalPreparation
    odd_sales : DataFrame or None
        The part of ``then`` that fell in every other period.

    Returns
    -------
    then, now : ndarray of shape (n, d), (m, d)
    """
    matrix = pd.concat([then, now.reindex(columns=then.columns)], ignore_index=True)
    fit = np.r_[in_fit, np.zeros(len(now), dtype=bool)]
    if odd_sales is not None:
        odd_sales = odd_sales.reset_index(drop=True)
    learnt = _scale_features(matrix, fit, settings, odd_sales=odd_sales)
    axes = principal_axes(learnt.rows, fit, n_components=settings.n_components)
    components = projected(centred(learnt.rows, fit), axes)
    return components[: len(then)], components[len(then) :]


def _listed(components: np.ndarray, known: np.ndarray) -> list[np.ndarray | None]:
    """Return one list per store, and none for a store without features."""
    return [row if has else None for row, has in zip(components, known, strict=True)]


def _project(
    rows: np.ndarray, axes: np.ndarray, blocks: list[slice]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the components of all rows, and the part of each block of columns."""
    parts = [projected(rows[:, block], axes[block]) for block in blocks]
    return projected(rows, axes), np.hstack([np.zeros((len(rows), 0)), *parts])


class Scaled(NamedTuple):
    """All rows scaled, the columns of each feature of levels, and the prior.

    ``rows`` has shape (n, d); the prior is one of the internal side alone.
    """

    rows: np.ndarray
    blocks: list[slice]
    prior_sales: float | None = None

    @property
    def has_numbers(self) -> bool:
        """Whether any column is not one of a feature of levels."""
        levels = sum(block.stop - block.start for block in self.blocks)
        return levels < self.rows.shape[1]


def _scale_features(
    matrix: pd.DataFrame,
    fit: np.ndarray,
    settings: InternalPreparation | ExternalPreparation,
    *,
    odd_sales: pd.DataFrame | None = None,
) -> Scaled:
    """Scale all rows as learnt from those in ``fit``; zeros where nothing is left."""
    nothing = np.zeros((len(matrix), 1))
    learnable = _learnable(matrix, fit)
    if learnable.empty:
        return Scaled(nothing, [])
    # in this order, of equally near neighbours always the same ones are taken
    learnt = learnable[fit].sort_values(list(learnable.columns))
    transformer = preprocessor(learnt, settings)
    if odd_sales is not None:
        odd = odd_sales.reindex(index=learnt.index, columns=learnt.columns)
        transformer.fit(learnt, sharesofsales__odd_sales=odd.fillna(0.0).to_numpy())
    else:
        transformer.fit(learnt)
    rows = transformer.transform(learnable)
    is_internal = isinstance(transformer, Pipeline)
    prior_sales = transformer["sharesofsales"].prior_ if is_internal else None
    if not rows.shape[1]:
        return Scaled(nothing, [], prior_sales)
    return Scaled(rows, level_blocks(transformer, rows[fit]), prior_sales)


def _mix(
    matrix: pd.DataFrame, fit: np.ndarray, settings: ExternalPreparation
) -> Scaled:
    """Code numeric and categorical features together; see `mixed_features`."""
    telling = telling_levels(_learnable(matrix, fit)[fit], settings)
    numbers = _scale_features(matrix.select_dtypes(float), fit, settings)
    features, blocks = mixed_features(numbers.rows, matrix[telling], fit)
    return Scaled(features, numbers.blocks + blocks)


def _learnable(matrix: pd.DataFrame, fit: np.ndarray) -> pd.DataFrame:
    """Return the features that stores in the fit have, in an order of their own."""
    known = matrix.loc[:, matrix[fit].notna().any()]
    return known[canonical_features(known[fit])]


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
