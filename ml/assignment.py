"""Assign stores to the clusters of an earlier fit, by what they sell now."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from ml.algorithms import single_threaded
from ml.cluster import centroids, place_stores
from ml.finish import FINISHED, draw_map
from ml.frames import (
    by_category,
    feature_matrix,
    features_by_category,
    odd_sales_matrix,
    typed_frame,
)
from ml.joint import OTHER, PAIRS, joint_space, merged_labels
from ml.preparation import project_sales
from ml.settings import Assignment

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
    fitted_sales: pd.DataFrame,
    settings: Assignment,
) -> pd.DataFrame:
    """Assign the stores of now to clusters that were fitted from earlier sales.

    Clusters and what they are made with stay: k, centres, medians, spreads, principal
    axes. A store whose sales have come nearer to another internal cluster is in that
    one; a new store is in the nearest. A store that is in the same clusters as in the
    fit, on both sides, keeps its final cluster. Any other goes to the nearest final
    cluster, of those that have stores of its merged cluster; else of its internal
    cluster and split value, of its split value, or of all.

    Parameters
    ----------
    stores : DataFrame
        The stores of now: store_id, category, external_components (list of floats or
        None), external_cluster (null where unknown) and split_value.
    sales : DataFrame
        What they sell, in long form: store_id, category, feature, value.
    fitted : DataFrame
        The stores of the fit, as `ml.joint.pair_clusters` and
        `ml.finish.finish_clusters` return them, and in_fit (`ml.preparation.prepare`).
    fitted_sales : DataFrame
        What they sold, as ``sales``, and odd_sales.
    settings : Assignment

    Returns
    -------
    DataFrame
        One row per row of ``stores``, with the columns of both functions; places in the
        joint space are those of now. probability is null for a store that is in another
        cluster than in the fit.
    """
    now_of = dict(tuple(stores.groupby("category")))
    sales_of, fitted_sales_of = map(features_by_category, (sales, fitted_sales))

    def assign_category(category: str, then: pd.DataFrame) -> pd.DataFrame:
        now = now_of[category].sort_values("store_id", ignore_index=True)
        projected = _project(
            category,
            then,
            now,
            fitted_sales_of(category),
            sales_of(category),
            settings,
        )
        now = _carry_over(now, then)
        now = _assign_sides(now, then, *projected)
        return _assign_finals(now, then, settings)

    return typed_frame(by_category(fitted, assign_category), ASSIGNED)


def _project(
    category: str,
    then: pd.DataFrame,
    now: pd.DataFrame,
    fitted_sales: pd.DataFrame,
    sales: pd.DataFrame,
    settings: Assignment,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the internal components of then and now, and which of now are known."""
    key = {"category": category, "store_ids": pd.Index(then["store_id"])}
    before = feature_matrix(fitted_sales, **key)
    after = feature_matrix(
        sales, category=category, store_ids=pd.Index(now["store_id"])
    )
    in_fit = then["in_fit"].to_numpy(dtype=bool)
    odd = odd_sales_matrix(fitted_sales, **key)
    known = after.reindex(columns=before.columns).notna().any(axis=1).to_numpy()
    return *project_sales(before, after, in_fit, settings, odd_sales=odd), known


def _carry_over(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """Add what the fit says of each store: its clusters of then end in ``_then``."""
    carried = then.set_index("store_id").rename(
        columns={
            "internal_cluster": "internal_then",
            "merged_cluster": "merged_then",
            "raw_cluster": "raw_then",
        }
    )
    columns = ["internal_then", "merged_then", "raw_then", *NEW_STORE]
    rows = carried[columns].reindex(now["store_id"]).reset_index(drop=True)
    for column, value in NEW_STORE.items():
        if column != "probability":
            rows[column] = rows[column].astype("object").fillna(value).astype(bool)
    unknown = now["external_cluster"].isna()
    external = carried["external_cluster"].reindex(now["store_id"]).to_numpy()
    return now.assign(
        external_cluster=now["external_cluster"].astype(float).where(~unknown, external)
    ).join(rows)


def _assign_sides(
    now: pd.DataFrame,
    then: pd.DataFrame,
    before: np.ndarray,
    after: np.ndarray,
    known: np.ndarray,
) -> pd.DataFrame:
    """Fill in the clusters of both sides, and the internal components of now."""
    place = pd.Index(then["store_id"]).get_indexer(now["store_id"])
    internal = now["internal_then"].astype(float).to_numpy()
    shaped = then["is_fitted"].to_numpy(dtype=bool)
    if shaped.any() and known.any():
        own = then["internal_cluster"].to_numpy(dtype=int)
        names = np.unique(own[shaped])
        centres = centroids(before[shaped], own[shaped], names)
        nearest = cdist(after, centres).argmin(axis=1)
        was_known = then["internal_components"].notna().to_numpy(dtype=bool)
        same = (place >= 0) & was_known[place]
        same &= nearest == cdist(before, centres).argmin(axis=1)[place]
        internal = np.where(known & ~same, names[nearest], internal)
    now = now.assign(
        internal_cluster=internal,
        internal_components=[
            row if has else None for row, has in zip(after, known, strict=True)
        ],
    )
    for side in OTHER:
        now[f"{side}_cluster"] = _most_common(now, then, side)
    return now.assign(merged_cluster=merged_labels(now))


def _most_common(now: pd.DataFrame, then: pd.DataFrame, side: str) -> np.ndarray:
    """Fill in the cluster that most stores with the same other cluster have; else 1."""
    own, other = f"{side}_cluster", f"{OTHER[side]}_cluster"
    usual = then.groupby(other)[own].agg(lambda of: of.mode().iloc[0])
    return now[own].fillna(now[other].map(usual)).fillna(1).to_numpy(dtype=int)


def _assign_finals(
    now: pd.DataFrame, then: pd.DataFrame, settings: Assignment
) -> pd.DataFrame:
    """Fill in the final clusters, and place every store in the joint space.

    It is the space of the stores of then and now together, so that what did not move
    is in one place.
    """
    both = pd.concat([then, now], ignore_index=True)
    X = joint_space(both, settings)
    X_then, X_now = X[: len(then)], X[len(then) :]
    raw = then["raw_cluster"].to_numpy(dtype=int)
    names = np.unique(raw)
    distances = cdist(X_now, centroids(X_then, raw, names))
    stays = (now["merged_cluster"] == now["merged_then"]).to_numpy(dtype=bool)
    final = now["raw_then"].fillna(0).to_numpy(dtype=int, copy=True)
    for place in np.flatnonzero(~stays):
        may = np.isin(names, raw[_alike(then, now.iloc[place])])
        final[place] = names[np.where(may, distances[place], np.inf).argmin()]
    return now.assign(
        raw_cluster=final,
        probability=now["probability"].where(stays),
        is_reassigned=now["is_reassigned"] & stays,
        **place_stores(X_now, final),
        **draw_map(X_now, X_then),
    )


def _alike(then: pd.DataFrame, store: pd.Series) -> np.ndarray:
    """Return the stores of the fit whose final clusters a store may be in."""
    value = store["split_value"] if isinstance(store["split_value"], str) else ""
    split = then["split_value"].fillna("") == value
    internal = then["internal_cluster"] == store["internal_cluster"]
    rules: list[Callable[[], pd.Series]] = [
        lambda: then["merged_cluster"] == store["merged_cluster"],
        lambda: split & internal,
        lambda: split,
    ]
    for rule in rules:
        if (alike := rule()).any():
            return alike.to_numpy(dtype=bool)
    return np.ones(len(then), dtype=bool)
