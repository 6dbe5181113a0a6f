"""Firmness: which final clusters are reproduced when the whole method is repeated."""

import math

import numpy as np
import pandas as pd

from ml.algorithms import single_threaded
from ml.bootstrap import Resamples, known_on_both_sides
from ml.canonical import canonical_order
from ml.frames import by_category, typed_frame
from ml.joint import BOTH, joint_space
from ml.merge import explained_variance
from ml.settings import ClusterScores, FinalScores, Merging
from ml.sizes import cluster_size_floor, split_large
from ml.stability import best_jaccard, mean_of_known, rand_agreement

FINALS = {
    "category": "str",
    "basis": "str",
    "clusters": "int64",
    "explained_variance": "float64",
    "sales_explained": "float64",
    "surroundings_explained": "float64",
    "smallest_cluster": "int64",
    "largest_cluster": "int64",
    "agreement": "float64",
    "jaccard": "object",
    "internal_ks": "object",
    "external_ks": "object",
}
STABILITY = {"category": "str", "cluster_id": "int64", "jaccard": "float64"}


@single_threaded
def score_finals(
    joint: pd.DataFrame,
    paths: pd.DataFrame,
    candidates: pd.DataFrame,
    settings: FinalScores,
) -> pd.DataFrame:
    """Score every number of final clusters, on every basis.

    Each random subsample of the stores goes through the whole method: k of either side
    is chosen anew, both are merged, small clusters are rebalanced with sizes in
    proportion, and what is left is merged step by step.

    Parameters
    ----------
    joint, paths : DataFrame
        What `ml.final.merge_finals` takes and returns.
    candidates : DataFrame
        Of k; see `ml.bootstrap.Resamples.choosing`.
    settings : FinalScores

    Returns
    -------
    DataFrame
        One row per category, basis and number of clusters. explained_variance is the
        share of the joint space's; sales_explained and surroundings_explained of either
        side's. agreement is the mean adjusted Rand index with the clusters of
        subsamples; jaccard lists each cluster's mean similarity with its like there
        (Hennig 2007, Comput. Stat. Data Anal. 52), cluster 1 first, zero where no
        subsample had a store of it; internal_ks and external_ks list the k of each
        subsample.
    """
    candidates_of, paths_of = (
        dict(tuple(f.groupby("category"))) for f in (candidates, paths)
    )

    def score_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        known = _comparable(rows, settings)
        again = Resamples.choosing(rows.iloc[known], candidates_of[category], settings)
        scored = _score_paths(rows, known, paths_of[category], again, settings)
        ks = {f"{side}_ks": [np.array(again.ks(side))] * len(scored) for side in BOTH}
        return scored.assign(category=category, **ks)

    return typed_frame(by_category(joint, score_category), FINALS)


@single_threaded
def score_clusters(
    stores: pd.DataFrame,
    finals: pd.DataFrame,
    settings: ClusterScores,
) -> pd.DataFrame:
    """Return the mean Jaccard similarity of each final cluster to its best match.

    The subsamples are those of `score_finals`, merged down to the number in use.

    Parameters
    ----------
    stores : DataFrame
        As for `ml.finish.finish_clusters`, and cluster_id, corrections included.
    finals : DataFrame
        One row per category: category, basis, clusters, internal_ks and external_ks, as
        `score_finals` returns them for the number in use.
    settings : ClusterScores

    Returns
    -------
    DataFrame
        One row per category and cluster. jaccard is from 0 to 1, and null where there
        is one cluster, or for one of which no store is known on both sides.
    """
    finals_of = finals.set_index("category")

    def score_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        names, labels = np.unique(rows["cluster_id"], return_inverse=True)
        scored = pd.DataFrame({"category": category, "cluster_id": names})
        if len(names) == 1:
            return scored.assign(jaccard=np.nan)
        known, final = _comparable(rows, settings), finals_of.loc[category]
        ks = {side: final[f"{side}_ks"] for side in BOTH}
        again = Resamples.with_ks(rows.iloc[known], ks, settings)
        found = _merge_again(rows, known, again, settings, final=final)
        similar = _jaccard(labels[known], again.picked, found, k=len(names))
        return scored.assign(jaccard=similar)

    return typed_frame(by_category(stores, score_category), STABILITY)


def _comparable(rows: pd.DataFrame, settings: Merging) -> np.ndarray:
    """Return the stores that subsamples are drawn from, in an order of their own."""
    known, X = known_on_both_sides(rows), joint_space(rows, settings)
    return known[canonical_order(X[known])]


def _score_paths(
    rows: pd.DataFrame,
    known: np.ndarray,
    paths: pd.DataFrame,
    again: Resamples,
    settings: Merging,
) -> pd.DataFrame:
    steps = {
        str(basis): np.vstack(of_basis.sort_values("store_id")["path"].to_list())
        for basis, of_basis in paths.groupby("basis")
    }
    merged = again.merge(
        settings,
        floor=cluster_size_floor(len(rows), settings) * len(known) / len(rows),
        longest=max(path.shape[1] for path in steps.values()),
    )
    joint = joint_space(rows, settings)
    spaces = [joint, *(_side_space(rows, side) for side in BOTH)]
    return pd.DataFrame(
        {"basis": basis, "clusters": count}
        | _describe(labels, spaces)
        | _compare(labels[known] - 1, again.picked, _at(merged, basis, count), k=count)
        for basis, path in steps.items()
        for count, labels in enumerate(path.T, start=1)
        if labels.any()
    )


def _side_space(rows: pd.DataFrame, side: str) -> np.ndarray:
    """Return what is known of one side; all zeros where that is nothing."""
    components = rows[f"{side}_components"]
    known = components.notna().to_numpy(dtype=bool)
    if not known.any():
        return np.zeros((len(rows), 1))
    values = np.vstack(components[known].to_list())
    space = np.full((len(rows), values.shape[1]), values.mean(axis=0))
    space[known] = values
    return space


def _describe(labels: np.ndarray, spaces: list[np.ndarray]) -> dict[str, float]:
    sizes = np.unique(labels, return_counts=True)[1]
    joint, sales, surroundings = (explained_variance(X, labels) for X in spaces)
    return {
        "explained_variance": round(joint, 9),
        "sales_explained": round(sales, 9),
        "surroundings_explained": round(surroundings, 9),
        "smallest_cluster": sizes.min(),
        "largest_cluster": sizes.max(),
    }


def _compare(
    labels: np.ndarray, picked: list[np.ndarray], found: list[np.ndarray], *, k: int
) -> dict[str, object]:
    agreement = [
        rand_agreement(labels[places], again)
        for places, again in zip(picked, found, strict=True)
    ]
    return {
        "agreement": round(float(np.mean(agreement)), 9),
        "jaccard": np.nan_to_num(_jaccard(labels, picked, found, k=k)),
    }


def _jaccard(
    labels: np.ndarray, picked: list[np.ndarray], found: list[np.ndarray], *, k: int
) -> np.ndarray:
    """Return the mean similarity of each cluster with its like in the subsamples."""
    return mean_of_known(
        [
            best_jaccard(labels[places], again, k=k)
            for places, again in zip(picked, found, strict=True)
        ]
    ).round(9)


def _at(
    merged: list[dict[str, np.ndarray]], basis: str, count: int
) -> list[np.ndarray]:
    """Return the labels of each subsample when it has so many clusters.

    Where it has fewer at most, those; where one side is one cluster there, both sides
    together are the other.
    """
    steps = [of_basis.get(basis, of_basis["both"]) for of_basis in merged]
    return [path[:, _nearest_step(path, count)] for path in steps]


def _nearest_step(path: np.ndarray, count: int) -> int:
    possible = np.flatnonzero(path.any(axis=0))
    return int(possible[np.abs(possible + 1 - count).argmin()])


def _merge_again(
    rows: pd.DataFrame,
    known: np.ndarray,
    again: Resamples,
    settings: ClusterScores,
    *,
    final: pd.Series,
) -> list[np.ndarray]:
    """Return the final clusters of each subsample, none above the maximum."""
    floor = cluster_size_floor(len(rows), settings) * (len(known) / len(rows))
    count, ceiling = int(final["clusters"]), settings.max_cluster_size
    merged = again.merge(settings, floor=floor, longest=count)
    found = _at(merged, final["basis"], count)
    if not ceiling:
        return found
    return [
        split_large(
            joint_space(again.rows.iloc[places], settings),
            labels,
            floor=(least := max(math.floor(floor * len(places) / len(known)), 1)),
            max_cluster_size=max(
                math.ceil(ceiling * len(places) / len(rows)), 2 * least
            ),
            n_init=1,
            random_state=settings.random_state,
        )
        for places, labels in zip(again.picked, found, strict=True)
    ]
