"""Score stores with the models of a fit: their clusters, and how sure they are."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.special import softmax

from ml.algorithms import single_threaded
from ml.assignment import assign_clusters, known_components
from ml.centres import FINAL, Centres, Fitted, place, read_centres
from ml.forest import Forest
from ml.frames import (
    by_category,
    feature_matrix,
    features_by_category,
    stacked,
    typed_frame,
)
from ml.joint import BOTH, OTHER, forests_by_side
from ml.projection import Projection
from ml.settings import InternalPreparation
from ml.similar import SIMILAR, similar_stores

# Returns the features of a category, or of a scope.
FeaturesOf = Callable[[str], pd.DataFrame]
SCORES = {
    "store_id": "str",
    "category": "str",
    "cluster_id": "int64",
    "method": "str",
    "probability": "float64",
    "distance": "float64",
    "next_best_cluster": "Int64",
    "next_best_distance": "float64",
    "internal_cluster": "int64",
    "external_cluster": "int64",
    "merged_cluster": "str",
    "missing": "object",
    "out_of_range": "object",
}


@single_threaded
def score_stores(
    stores: pd.DataFrame,
    sales: pd.DataFrame,
    external: pd.DataFrame,
    fits: "Mapping[str, FitOfCategory]",
) -> pd.DataFrame:
    """Return the cluster of each store, and how sure it is.

    Parameters
    ----------
    stores : DataFrame
        The rows wanted: store_id, category and split_value (null: as in the fit).
    sales : DataFrame
        What they sell, in money: store_id, category, feature (need state), value.
    external : DataFrame
        What surrounds them: store_id, category, feature, value, level; category is
        the scope of the external side, or null where a row holds in every category.
    fits : mapping
        What `read_fits` returns.

    Returns
    -------
    DataFrame
        One row per row of ``stores``, by category and store:

        - cluster_id, and how it was found (method): ``override`` by a correction,
          ``kept`` by a store of the run that is as it was, ``nearest`` by centres of
          both sides, ``inferred`` where a side is not known.
        - probability that this is its cluster: by distances, and by a forest where a
          side is inferred.
        - distance, next_best_cluster, next_best_distance: to the centres of its cluster
          and of the nearest other, in the joint space.
        - internal_cluster, external_cluster, merged_cluster.
        - missing, out_of_range: lists of the features that are not known, and of those
          outside of the range of the fit.
    """
    of_side = _by_side(sales, external)

    def score_category(category: str, now: pd.DataFrame) -> pd.DataFrame:
        fit = fits[category]
        now, doubts = _assigned(now, fit, of_side)
        known = {side: now[f"{side}_is_known"] for side in BOTH}
        probability = _probabilities(now, fit.then, fit.centres, fit.forests)
        now = _named(now, fit.then, fit.clusters)
        return now.assign(
            probability=probability,
            method=_method(now, known),
            **_distances(now, fit.centres, fit.clusters),
            **{name: _joined(doubts, name) for name in ("missing", "out_of_range")},
        )

    return typed_frame(by_category(stores, score_category), SCORES)


@single_threaded
def find_similar(
    stores: pd.DataFrame,
    sales: pd.DataFrame,
    external: pd.DataFrame,
    fits: "Mapping[str, FitOfCategory]",
    *,
    most: int,
) -> pd.DataFrame:
    """Return the stores of the fit that are most like each store, in each category.

    Parameters
    ----------
    stores, sales, external, fits
        As for `score_stores`.
    most : int
        How many to return of each.

    Returns
    -------
    DataFrame
        Of `ml.similar.similar_stores`, with category.
    """
    of_side = _by_side(sales, external)

    def search_category(category: str, now: pd.DataFrame) -> pd.DataFrame:
        fit = fits[category]
        now, _ = _assigned(now, fit, of_side)
        found = similar_stores(now, fit.then, fit.centres.blocks, most=most)
        return found.assign(category=category)

    types = {"category": "str"} | SIMILAR
    return typed_frame(by_category(stores, search_category), types)


def _by_side(sales: pd.DataFrame, external: pd.DataFrame) -> Mapping[str, FeaturesOf]:
    return {
        "internal": features_by_category(sales),
        "external": features_by_category(external),
    }


def _assigned(
    now: pd.DataFrame, fit: "FitOfCategory", of_side: Mapping[str, FeaturesOf]
) -> tuple[pd.DataFrame, dict[str, Mapping[str, list]]]:
    """Return stores with components and clusters of a fit, and doubts of each side."""
    doubts = {}
    for side in BOTH:
        scope, projection = fit.scopes[side], fit.projections[side]
        ids = pd.Index(now["store_id"])
        matrix = feature_matrix(of_side[side](scope), category=scope, store_ids=ids)
        now[f"{side}_components"] = known_components(projection, matrix)
        now[f"{side}_is_known"] = now[f"{side}_components"].notna()
        doubts[side] = projection.doubts(matrix)
    now = _as_before(now, fit.then)
    return assign_clusters(now, fit.then, fit.centres, fit.forests), doubts


class FitOfCategory(NamedTuple):
    """The models of one category."""

    then: pd.DataFrame
    centres: Fitted
    clusters: pd.DataFrame
    scopes: dict[str, str]
    projections: dict[str, Projection]
    forests: dict[str, Forest | None]


def read_fits(
    models: Mapping[str, pd.DataFrame], settings: InternalPreparation
) -> dict[str, FitOfCategory]:
    """Return what was fitted, by category.

    Parameters
    ----------
    models : mapping
        By name: projections, centres, forests, stores and clusters, as a published run
        has them, and categories, which have the scope of each.
    settings : InternalPreparation
        How shares are expressed.
    """
    names = ("stores", "centres", "clusters")
    of = {name: dict(tuple(models[name].groupby("category"))) for name in names}
    columns = dict(tuple(models["projections"].groupby(["side", "category"])))
    forests = forests_by_side(models["forests"])
    nothing = models["projections"].head(0)
    fits = {}
    for category, scope in models["categories"][["category", "scope"]].to_numpy():
        scopes = {"internal": category, "external": scope}
        own = {side: columns.get((side, scopes[side]), nothing) for side in BOTH}
        projections = {
            "internal": Projection(own["internal"], settings),
            "external": Projection(own["external"]),
        }
        grown = {side: forests.get((category, side)) for side in BOTH}
        then = of["stores"][category].reset_index(drop=True)
        centres = read_centres(of["centres"][category])
        clusters = of["clusters"][category]
        fits[category] = FitOfCategory(
            then, centres, clusters, scopes, projections, grown
        )
    return fits


def _joined(doubts: Mapping[str, Mapping[str, list]], name: str) -> list[list[str]]:
    """Return the features of both sides together, a list for each store."""
    both = (doubts[side][name] for side in BOTH)
    return [[*one, *other] for one, other in zip(*both, strict=True)]


def _as_before(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """Fill in the split values of stores of the fit, where none is given."""
    values = then.set_index("store_id")["split_value"].reindex(now["store_id"])
    given = now["split_value"].astype(object)
    return now.assign(split_value=given.where(given.notna(), values.to_numpy()))


def _named(
    now: pd.DataFrame, then: pd.DataFrame, clusters: pd.DataFrame
) -> pd.DataFrame:
    """Add cluster_id: the number of the cluster after corrections."""
    fitted = then.set_index("store_id")[["cluster_id", "is_override"]]
    before = fitted.reindex(now["store_id"]).reset_index(drop=True)
    numbers = clusters.set_index("raw_cluster")["cluster_id"]
    override = before["is_override"].eq(True)
    stays = now["merged_cluster"].eq(now["merged_then"]) | override
    own = now["raw_cluster"].map(numbers)
    return now.assign(
        cluster_id=before["cluster_id"].where(stays, own).astype(int),
        is_override=override,
        is_kept=stays,
    )


def _method(now: pd.DataFrame, known: Mapping[str, pd.Series]) -> np.ndarray:
    """Return how each cluster was found, as a code."""
    both = (known["internal"] & known["external"]).to_numpy(dtype=bool)
    return np.select(
        [now["is_override"], now["is_kept"], both],
        ["override", "kept", "nearest"],
        default="inferred",
    )


def _distances(
    now: pd.DataFrame, centres: Fitted, clusters: pd.DataFrame
) -> dict[str, np.ndarray]:
    """Return how far each store is from its cluster and from the nearest other."""
    finals = centres.of[FINAL]
    numbers = clusters.set_index("raw_cluster")["cluster_id"]
    ids = numbers.reindex(finals.names).to_numpy()
    names = np.unique(numbers)
    # what corrections merged has its centre amid them all
    points = [
        np.average(
            finals.places[ids == name], axis=0, weights=finals.sizes[ids == name]
        )
        for name in names
    ]
    distances = cdist(place(now, centres.blocks), np.array(points))
    own = names.searchsorted(now["cluster_id"].to_numpy())
    rows = np.arange(len(now))
    distance = distances[rows, own].copy()
    distances[rows, own] = np.inf
    other = distances.argmin(axis=1)
    is_alone = len(names) == 1
    return {
        "distance": distance,
        "next_best_cluster": np.full(len(now), np.nan) if is_alone else names[other],
        "next_best_distance": np.where(is_alone, np.nan, distances[rows, other]),
    }


def _probabilities(
    now: pd.DataFrame,
    then: pd.DataFrame,
    centres: Fitted,
    forests: Mapping[str, Forest | None],
) -> np.ndarray:
    """Return how likely each store is in the final cluster that it got.

    The clusters of either side have a probability each: by the distance to their
    centres, as of normal distributions with the spread that stores have around them;
    by the forest where the side is not known; by their sizes where nothing is. The
    final cluster has what those of both sides have together, times the share of the
    fit's stores with both that are in it.
    """
    chances, names = {}, {}
    for side in BOTH:
        names[side] = np.unique(np.r_[then[f"{side}_cluster"], now[f"{side}_cluster"]])
        chances[side] = _chances(
            now, then, centres.of[side], forests.get(side), side, names[side]
        )
    finals = np.unique(np.r_[then["raw_cluster"], now["raw_cluster"]])
    places = [
        names[side].searchsorted(then[f"{side}_cluster"].to_numpy()) for side in BOTH
    ]
    counts = np.zeros((len(names["internal"]), len(names["external"]), len(finals)))
    np.add.at(counts, (*places, finals.searchsorted(then["raw_cluster"])), 1)
    cells = counts.sum(axis=2)
    both = chances["internal"][:, :, None] * chances["external"][:, None, :]
    both = both * (cells > 0)
    shares = counts / np.maximum(cells, 1)[:, :, None]
    total = np.maximum(both.sum(axis=(1, 2)), np.finfo(float).tiny)
    of_final = np.einsum("nie,ief->nf", both, shares) / total[:, None]
    own = finals.searchsorted(now["raw_cluster"].to_numpy())
    return of_final[np.arange(len(now)), own].clip(0, 1)


def _chances(
    now: pd.DataFrame,
    then: pd.DataFrame,
    centres: Centres,
    forest: Forest | None,
    side: str,
    names: np.ndarray,
) -> np.ndarray:
    """Return the probability of each cluster of one side: (stores, clusters)."""
    sizes = (then[f"{side}_cluster"].to_numpy()[:, None] == names).sum(axis=0)
    chances = np.tile(sizes / sizes.sum(), (len(now), 1))
    known = now[f"{side}_components"].notna().to_numpy(dtype=bool)
    surroundings = now[f"{OTHER[side]}_components"]
    told = ~known & surroundings.notna().to_numpy(dtype=bool)
    if forest and told.any():
        shares = forest.predict_proba(stacked(surroundings[told]))
        chances[told] = _spread_out(shares, forest.labels, names)
    if known.any() and not centres.is_empty:
        near = nearness(stacked(now.loc[known, f"{side}_components"]), centres)
        chances[known] = _spread_out(near, centres.names, names)
    return chances


def nearness(X: np.ndarray, centres: Centres) -> np.ndarray:
    """Return the probability of each cluster by the distance to its centre: (n, k).

    Stores are taken to lie around centres as in normal distributions of one spread.
    """
    squares = cdist(X, centres.places, "sqeuclidean")
    spread = max(centres.variance, np.finfo(float).tiny)
    return softmax(-squares / (2 * spread), axis=1)


def _spread_out(
    shares: np.ndarray, labels: np.ndarray, names: np.ndarray
) -> np.ndarray:
    """Return the shares of labels as columns of ``names``, which has all of them."""
    there = np.isin(labels, names)
    spread = np.zeros((len(shares), len(names)))
    spread[:, names.searchsorted(labels[there])] = shares[:, there]
    return spread
