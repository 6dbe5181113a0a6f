"""Choose: which number of clusters a side of a category has."""

import pandas as pd

from ml.settings import Eligibility

# Exponent of the stability in the score: somewhat more say than the silhouette has.
STABILITY_WEIGHT = 1.25


def judge_candidates(candidates: pd.DataFrame, settings: Eligibility) -> pd.DataFrame:
    """Tell which candidates of one category may be chosen, and how good they are.

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
    """Return the score of candidates, whether they may be chosen or not.

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
