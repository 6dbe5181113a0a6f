"""Score every candidate number of clusters, and judge which may be chosen."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from sklearn import config_context
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

from ml.algorithms import cluster_samples, single_threaded
from ml.canonical import canonical_order
from ml.frames import by_category, stacked, typed_frame
from ml.null import Null
from ml.reference import reference_silhouettes
from ml.settings import Eligibility, Search
from ml.silhouette import silhouette_samples
from ml.stability import STARTS, mean_agreement, subsamples

SCORES = {
    "category": "str",
    "k": "int64",
    "is_fixed": "bool",
    "fitted_stores": "int64",
    "smallest_cluster": "int64",
    "silhouette": "float64",
    "calinski_harabasz": "float64",
    "davies_bouldin": "float64",
    "stability": "float64",
    "reference_silhouette": "float64",
    "meets_size_floor": "bool",
    "is_reproducible": "bool",
    "beats_reference": "bool",
    "is_eligible": "bool",
    "combined_score": "float64",
    "reference_mean": "float64",
    "reference_deviation": "float64",
}

SCORED = dict.fromkeys(
    ("silhouette", "reference_silhouette", "reference_mean", "stability"), "float64"
)


@single_threaded
def score_candidates(
    prepared: pd.DataFrame,
    projections: pd.DataFrame,
    fixed_k: pd.DataFrame,
    settings: Search,
    *,
    side: str,
) -> pd.DataFrame:
    """Cluster the stores in the fit with every candidate k, and score each.

    Parameters
    ----------
    prepared : DataFrame
        As `ml.preparation.prepare` returns it.
    projections : DataFrame
        As `ml.preparation.fit_projections` returns it.
    fixed_k : DataFrame
        A user's own choices: category, side, k. They are candidates whatever the
        range is.
    settings : Search
        The highest candidate is lowered to the number of different stores, and to
        fewer than there are stores. HDBSCAN has one candidate, the k that it finds.
    side : str
        The side of ``fixed_k`` that counts.

    Returns
    -------
    DataFrame
        One row per category and k, k = 1 always among them, its scores null.
        silhouette (-1 to 1), calinski_harabasz and stability (1 at most) are better
        when higher, davies_bouldin when lower. reference_silhouette is what the
        silhouette has to exceed; it and the mean and standard deviation of stores
        without clusters are those of `ml.reference.reference_silhouettes`. What the
        candidate is judged by, and its combined_score, are those of
        `ml.candidates.judge_candidates`.
    """
    fixed = fixed_k[fixed_k["side"] == side].set_index("category")["k"].to_dict()

    def score_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        fitted = rows[rows["in_fit"].astype(bool)]
        X = stacked(fitted["components"])
        columns = projections[projections["category"] == category]
        null = Null.of(stacked(fitted["scaled"]), columns, is_normal=side == "internal")
        order = canonical_order(np.hstack([X, null.scaled]))
        X, null = X[order], null._replace(scaled=null.scaled[order])
        highest = min(settings.max_clusters, len(np.unique(X, axis=0)))
        candidates = range(settings.min_clusters, highest + 1)
        wanted = {*candidates, fixed.get(category, 1)} - {1}
        stores = fitted["store_id"].to_numpy()[order]
        labelings = _cluster(X, sorted(wanted), settings) if len(X) else {}
        scores: list[dict[str, float]] = [{"k": 1, "smallest_cluster": len(X)}]
        if labelings:
            scores += _score(X, null, labelings, stores, settings)
        frame = pd.DataFrame(scores, columns=list(SCORES))
        frame = frame.assign(
            category=category,
            fitted_stores=len(X),
            is_fixed=frame["k"] == fixed.get(category),
        )
        return judge_candidates(frame.astype(SCORED), settings)

    return typed_frame(by_category(prepared, score_category), SCORES)


def _cluster(
    X: np.ndarray, candidates: Iterable[int], settings: Search
) -> dict[int, np.ndarray]:
    """Label the rows for every k that they are not too few or too alike for."""
    finds_k = settings.algorithm == "hdbscan"
    ks = list(candidates)[: 1 if finds_k else None]
    labelings = {}
    for k, [labels] in cluster_samples([X], ks, settings).items():
        found = int(labels.max()) + 1
        if 1 < found < len(X) and (found == k or finds_k):
            labelings[found] = labels
    return labelings


def _score(
    X: np.ndarray,
    null: Null,
    labelings: dict[int, np.ndarray],
    stores: np.ndarray,
    settings: Search,
) -> list[dict[str, float]]:
    widths = silhouette_samples(X, list(labelings.values()))
    reference = reference_silhouettes(null, list(labelings), settings)
    stability = _stability(X, list(labelings), stores, settings)
    return [
        {
            "k": k,
            "smallest_cluster": np.bincount(labels).min(),
            "silhouette": width.mean(),
            **_indices(X, labels),
            "stability": stability[k],
            "reference_silhouette": chance.silhouette,
            "reference_mean": chance.mean,
            "reference_deviation": chance.deviation,
        }
        for (k, labels), width, chance in zip(
            labelings.items(), widths, reference, strict=True
        )
    ]


def _indices(X: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return two indices, without the checks that take longer than they do."""
    with config_context(assume_finite=True, skip_parameter_validation=True):
        return {
            "calinski_harabasz": calinski_harabasz_score(X, labels),
            "davies_bouldin": davies_bouldin_score(X, labels),
        }


def _stability(
    X: np.ndarray, ks: list[int], stores: np.ndarray, settings: Search
) -> dict[int, float]:
    """Return the mean agreement of subsamples, each clustered by itself."""
    count, seed = settings.stability_resamples, settings.random_state
    picked = list(subsamples(stores, count=count, random_state=seed))
    samples = [X[places] for places in picked]
    found = cluster_samples(samples, ks, settings.with_starts(STARTS))
    return {k: mean_agreement(picked, labels) for k, labels in found.items()}


# Exponent of the stability in the score: somewhat more say than the silhouette has.
STABILITY_WEIGHT = 1.25


def judge_candidates(candidates: pd.DataFrame, settings: Eligibility) -> pd.DataFrame:
    """Judge which candidates of one category may be chosen, and score them.

    A candidate may be chosen if its clusters come out again in subsamples, are clearer
    than those of a cloud without any, and are large enough; where none is, the stores
    are one cluster. The score is the stability, raised by the part of the way from the
    mean silhouette of stores without clusters to 1 that the silhouette has come.
    Neither is compared with other candidates, so that a score does not depend on which
    of these there are.

    Parameters
    ----------
    candidates : DataFrame
        Columns k, fitted_stores, smallest_cluster, silhouette, reference_silhouette
        and reference_mean (see `ml.reference`), and stability; k = 1 among them.
    settings : Eligibility

    Returns
    -------
    DataFrame
        Beside the columns given: meets_size_floor, is_reproducible, beats_reference,
        is_eligible (bool) and combined_score (null where not eligible, and for k = 1).

    Examples
    --------
    >>> scores = {"silhouette": [None, 0.5, 0.6], "stability": [None, 0.9, 0.3]}
    >>> candidates = pd.DataFrame({"k": [1, 2, 3], "fitted_stores": 50} | scores)
    >>> reference = {"reference_silhouette": 0.3, "reference_mean": 0.2}
    >>> candidates = candidates.assign(smallest_cluster=20, **reference)
    >>> rule = Eligibility(
    ...     min_stability=0.6, min_cluster_size=10, max_size_floor_share=1
    ... )
    >>> judge_candidates(candidates, rule)["combined_score"].tolist()
    [nan, 1.205329636, nan]
    """
    floor = settings.max_size_floor_share * candidates["fitted_stores"]
    judged = candidates.assign(
        meets_size_floor=candidates["smallest_cluster"]
        >= floor.clip(upper=settings.min_cluster_size),
        is_reproducible=candidates["stability"] >= settings.min_stability,
        beats_reference=candidates["silhouette"] > candidates["reference_silhouette"],
    )
    good = judged["meets_size_floor"] & judged["is_reproducible"]
    good &= judged["beats_reference"]
    score = score_of(candidates).where(good).round(9)
    eligible = good if good.any() else candidates["k"] == 1
    return judged.assign(is_eligible=eligible, combined_score=score)


def score_of(candidates: pd.DataFrame) -> pd.Series:
    """Return the score of every candidate, whether it may be chosen or not.

    Examples
    --------
    >>> one = {"stability": [0.9], "silhouette": [0.6], "reference_mean": [0.2]}
    >>> score_of(pd.DataFrame(one)).round(3).tolist()
    [1.315]
    """
    chance = candidates["reference_mean"]
    clearness = (candidates["silhouette"] - chance) / (1 - chance)
    return candidates["stability"].clip(lower=0) ** STABILITY_WEIGHT * (1 + clearness)


def best_k(judged: pd.DataFrame, *, k_margin: float) -> int:
    """Return the smallest k whose score is within the margin of the highest; else 1.

    Parameters
    ----------
    judged : DataFrame
        Columns k and combined_score.
    k_margin : float
        How far scores may be apart that count as equal.

    Examples
    --------
    >>> judged = pd.DataFrame({"k": [1, 2, 3], "combined_score": [None, 1.18, 1.2]})
    >>> best_k(judged, k_margin=0.01), best_k(judged, k_margin=0.02)
    (3, 2)
    >>> best_k(pd.DataFrame({"k": [1, 2], "combined_score": [None] * 2}), k_margin=0)
    1
    """
    scores = judged.set_index("k")["combined_score"].astype(float).dropna()
    as_good = scores.index[(scores.max() - scores).round(9) <= k_margin]
    return int(as_good.min()) if len(as_good) else 1
