"""Assign stores to the clusters of an earlier fit, by what is known of them now."""

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from ml.algorithms import single_threaded
from ml.centres import FINAL, Centres, Fitted, place, read_centres
from ml.cluster import place_stores
from ml.finish import FINISHED, draw_map
from ml.forest import Forest
from ml.frames import (
    by_category,
    feature_matrix,
    features_by_category,
    stacked,
    typed_frame,
)
from ml.joint import BOTH, OTHER, PAIRS, forests_by_side, merged_labels
from ml.projection import Projection
from ml.settings import InternalPreparation

ASSIGNED = PAIRS | FINISHED
# What is known of a store that is not in the fit.
NEW_STORE = {
    "probability": np.nan,
    "is_fitted": False,
    "is_outlier": False,
    "is_reassigned": False,
}


@single_threaded
def assign_stores(
    stores: pd.DataFrame,
    sales: pd.DataFrame,
    fitted: pd.DataFrame,
    projections: pd.DataFrame,
    centres: pd.DataFrame,
    trees: pd.DataFrame,
    settings: InternalPreparation,
) -> pd.DataFrame:
    """Assign the stores of now to clusters that were fitted from earlier sales.

    Clusters and what they are made with stay: k, centres, medians, spreads, principal
    axes. See `assign_clusters`.

    Parameters
    ----------
    stores : DataFrame
        The stores of now: store_id, category, external_components (list of floats or
        None), external_cluster (null where unknown) and split_value.
    sales : DataFrame
        What they sell, in long form: store_id, category, feature, value.
    fitted : DataFrame
        The stores of the fit, as `ml.joint.pair_clusters` and
        `ml.finish.finish_clusters` return them.
    projections : DataFrame
        What turns their sales into components: see `ml.preparation.fit_projections`.
    centres : DataFrame
        See `ml.centres.fit_centres`.
    trees : DataFrame
        See `ml.joint.grow_forests`.
    settings : InternalPreparation

    Returns
    -------
    DataFrame
        One row per row of ``stores``, with the columns of both functions; places in the
        joint space are those of now. probability is null for a store that is in another
        cluster than in the fit.
    """
    now_of = dict(tuple(stores.groupby("category")))
    columns_of = dict(tuple(projections.groupby("category")))
    centres_of = {
        category: read_centres(rows) for category, rows in centres.groupby("category")
    }
    sales_of, forests = features_by_category(sales), forests_by_side(trees)

    def assign_category(category: str, then: pd.DataFrame) -> pd.DataFrame:
        now = now_of[category].sort_values("store_id", ignore_index=True)
        matrix = feature_matrix(
            sales_of(category), category=category, store_ids=pd.Index(now["store_id"])
        )
        columns = columns_of.get(category, projections.head(0))
        projection = Projection(columns, settings)
        now["internal_components"] = known_components(projection, matrix)
        own = {side: forests.get((category, side)) for side in BOTH}
        fit = centres_of[category]
        now = assign_clusters(now, then, fit, own)
        X_then, X_now = place(then, fit.blocks), place(now, fit.blocks)
        return now.assign(
            **place_stores(X_now, now["raw_cluster"].to_numpy()),
            **draw_map(X_now, X_then),
        )

    return typed_frame(by_category(fitted, assign_category), ASSIGNED)


@single_threaded
def place_surroundings(
    stores: pd.DataFrame, features: pd.DataFrame, projections: pd.DataFrame
) -> pd.DataFrame:
    """Add to stores where a fit places them by what surrounds them.

    Parameters
    ----------
    stores : DataFrame
        store_id, category, and scope, which its external side is fitted under.
    features : DataFrame
        In long form: store_id, category (the scope, or null where a row holds in every
        one), feature, value, level.
    projections : DataFrame
        Of the external side: see `ml.preparation.fit_projections`.

    Returns
    -------
    DataFrame
        ``stores`` with external_components: list of floats, or None where no feature
        of the fit is known.
    """
    features_of = features_by_category(features)
    columns_of = dict(tuple(projections.groupby("category")))
    placed = []
    for scope, rows in stores.groupby("scope"):
        ids = pd.Index(rows["store_id"].unique())
        matrix = feature_matrix(
            features_of(str(scope)), category=str(scope), store_ids=ids
        )
        projection = Projection(columns_of.get(scope, projections.head(0)))
        components = known_components(projection, matrix).set_axis(ids)
        placed.append(rows.assign(external_components=rows["store_id"].map(components)))
    return pd.concat(placed, ignore_index=True) if placed else stores


def known_components(projection: Projection, matrix: pd.DataFrame) -> pd.Series:
    """Return the components of each row; None where no feature of the fit is known."""
    there = matrix.reindex(columns=projection.columns["feature"].unique())
    known = there.notna().any(axis=1)
    components = projection.components(projection.scaled(matrix))
    rows = zip(components, known, strict=True)
    return pd.Series([row if has else None for row, has in rows], dtype=object)


def assign_clusters(
    now: pd.DataFrame,
    then: pd.DataFrame,
    centres: Fitted,
    forests: dict[str, Forest | None],
) -> pd.DataFrame:
    """Assign the stores of one category to the clusters of a fit, on all sides.

    On either side, a store is in the cluster whose centre is nearest; one that was in
    the fit stays in its cluster while the same centre is nearest. Of a store that is
    not known on a side, a forest infers the cluster from the other side, unless it was
    in the fit. A store that is in the same clusters as in the fit, on both sides, keeps
    its final cluster. Any other goes to the nearest final cluster, of those that have
    stores of its merged cluster; else of its internal cluster and split value, of its
    split value, or of all.

    Parameters
    ----------
    now : DataFrame
        Sorted by store: store_id, split_value, internal_components and
        external_components (list of floats or None); and external_cluster, or likewise
        internal_cluster, where that is known already.
    then : DataFrame
        The stores of the fit; see `assign_stores`.
    centres, forests : Fitted, dict of str to Forest
        Of the category; see `ml.centres.read_centres` and `ml.joint.forests_by_side`.

    Returns
    -------
    DataFrame
        ``now`` with internal_cluster, external_cluster, merged_cluster, raw_cluster,
        and what the fit says of each store.
    """
    now = _carry_over(now, then)
    for side in BOTH:
        now[f"{side}_cluster"] = _assign_side(now, then, centres.of[side], side)
    missing = {side: now[f"{side}_cluster"].isna() for side in BOTH}
    for side in BOTH:
        now[f"{side}_cluster"] = _infer_side(
            now, side, missing[side], forests.get(side)
        )
    now["merged_cluster"] = merged_labels(now)
    stays = (now["merged_cluster"] == now["merged_then"]).to_numpy(dtype=bool)
    return now.assign(
        raw_cluster=_assign_finals(now, then, centres, stays),
        probability=now["probability"].where(stays),
        is_reassigned=now["is_reassigned"] & stays,
    )


def _carry_over(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """Add what the fit says of each store: its clusters of then end in ``_then``."""
    clusters = [*(f"{side}_cluster" for side in BOTH), "merged_cluster", "raw_cluster"]
    carried = then.set_index("store_id")[[*clusters, *NEW_STORE]]
    names = {name: name.replace("_cluster", "_then") for name in clusters}
    rows = carried.rename(columns=names).reindex(now["store_id"])
    for column, value in NEW_STORE.items():
        if column != "probability":
            rows[column] = rows[column].astype("object").fillna(value).astype(bool)
    return now.join(rows.reset_index(drop=True))


def _assign_side(
    now: pd.DataFrame, then: pd.DataFrame, centres: Centres, side: str
) -> pd.Series:
    """Return the clusters of one side; null where nothing tells."""
    given = now.get(f"{side}_cluster", pd.Series(np.nan, index=now.index))
    cluster = given.astype(float).fillna(now[f"{side}_then"].astype(float))
    nearest = nearest_clusters(now[f"{side}_components"], centres)
    before = nearest_clusters(then[f"{side}_components"], centres)
    was_nearest = pd.Series(before, index=then["store_id"]).reindex(now["store_id"])
    moved = ~np.isnan(nearest) & (nearest != was_nearest.to_numpy())
    return cluster.mask(moved & given.isna(), nearest)


def nearest_clusters(components: pd.Series, centres: Centres) -> np.ndarray:
    """Return the cluster with the nearest centre; NaN where nothing is known."""
    known = components.notna().to_numpy(dtype=bool)
    nearest = np.full(len(components), np.nan)
    if known.any() and not centres.is_empty:
        distances = cdist(stacked(components[known]), centres.places)
        nearest[known] = centres.names[distances.argmin(axis=1)]
    return nearest


def _infer_side(
    now: pd.DataFrame, side: str, missing: pd.Series, forest: Forest | None
) -> pd.Series:
    """Fill in the clusters that go with what is known of the other side; else 1."""
    cluster, surroundings = now[f"{side}_cluster"], now[f"{OTHER[side]}_components"]
    told = missing & surroundings.notna()
    if forest and told.any():
        cluster = cluster.copy()
        cluster[told] = forest.predict(stacked(surroundings[told]))[0]
    return cluster.fillna(1).astype(int)


# What a store has in common with those whose final clusters it may be in: the first of
# these of which there are any.
ALIKE = (["merged_cluster"], ["split_value", "internal_cluster"], ["split_value"])


def _assign_finals(
    now: pd.DataFrame, then: pd.DataFrame, centres: Fitted, stays: np.ndarray
) -> np.ndarray:
    """Return the final clusters, as numbered in the fit."""
    finals = centres.of[FINAL]
    distances = cdist(place(now, centres.blocks), finals.places)
    final = now["raw_then"].fillna(0).to_numpy(dtype=int, copy=True)
    then = then.assign(split_value=then["split_value"].fillna(""))
    moved = now[~stays].assign(split_value=now["split_value"].fillna(""))
    among = [
        then.groupby(keys if len(keys) > 1 else keys[0])["raw_cluster"]
        .unique()
        .to_dict()
        if len(moved)
        else {}
        for keys in ALIKE
    ]
    every = then["raw_cluster"].unique()
    for alike in moved.groupby([*ALIKE[0], *ALIKE[1]]).groups.values():
        store = now.loc[alike[0]]
        split = store["split_value"] if isinstance(store["split_value"], str) else ""
        keys = (store["merged_cluster"], (split, store["internal_cluster"]), split)
        found = (
            those[key] for those, key in zip(among, keys, strict=True) if key in those
        )
        may = np.isin(finals.names, next(found, every))
        allowed = np.where(may, distances[alike], np.inf)
        final[alike] = finals.names[allowed.argmin(axis=1)]
    return final
