"""The whole method, repeated on random subsamples of the stores."""

import math
from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
import pandas as pd

from ml.algorithms import cluster_samples
from ml.candidates import best_k, judge_candidates, score_of
from ml.final import final_paths
from ml.frames import stacked
from ml.joint import BOTH
from ml.settings import FinalScores, Fit, Merging, Randomness
from ml.silhouette import silhouette_samples
from ml.stability import SHARE, STARTS, pairwise_agreement, subsamples

# A candidate whose stability in all stores is below what is needed by more than this
# is not tried in subsamples: it would not be chosen in any.
REACH = 0.1
# Candidates, the best in all stores, that are tried in subsamples: a better one than
# these would have to come from far behind.
CONTENDERS = 4

# What the choice of k in subsamples knows of each candidate.
CONSIDERED = (
    "category",
    "side",
    "k",
    "is_fixed",
    "stability",
    "silhouette",
    "reference_mean",
    "beats_reference",
)

Labelings = list[np.ndarray]


class Resamples:
    """Random subsamples of the stores of one category, clustered again on both sides.

    Parameters
    ----------
    rows : DataFrame
        Stores known on both sides; see `ml.finish.finish_clusters`.
    found : mapping
        By side, the labels of each subsample, from 0.
    picked : list of ndarray
        The places of each subsample's stores.
    """

    def __init__(
        self, rows: pd.DataFrame, found: Mapping[str, Labelings], picked: Labelings
    ) -> None:
        self.rows, self.found, self.picked = rows, found, picked

    @classmethod
    def choosing(
        cls,
        rows: pd.DataFrame,
        candidates: pd.DataFrame,
        settings: FinalScores,
    ) -> Self:
        """Choose k separately in each subsample.

        ``candidates`` has one row per candidate of either side, and the columns
        ``CONSIDERED``. The k of an earlier run counts for nothing here: the same stores
        are as firm in every run.
        """
        picked = _pick(rows, settings.bootstrap_resamples, settings)
        quick = settings.with_starts(STARTS)
        found = {}
        for side in BOTH:
            of_side = candidates[candidates["side"] == side].sort_values("k")
            samples = _samples(rows, side, picked)
            found[side] = _choose(samples, picked, of_side, quick)
        return cls(rows, found, picked)

    @classmethod
    def with_ks(
        cls,
        rows: pd.DataFrame,
        ks: Mapping[str, Sequence[int]],
        settings: Fit,
    ) -> Self:
        """Take the k of each subsample as given, by side."""
        picked = _pick(rows, len(ks["internal"]), settings)
        quick = settings.with_starts(STARTS)
        found = {}
        for side in BOTH:
            samples = _samples(rows, side, picked)
            found[side] = _cluster_with(samples, ks[side], quick)
        return cls(rows, found, picked)

    def ks(self, side: str) -> list[int]:
        """Return the number of clusters of each subsample."""
        return [int(labels.max()) + 1 for labels in self.found[side]]

    def merge(
        self, settings: Merging, *, floor: float, longest: int
    ) -> list[dict[str, np.ndarray]]:
        """Return the merge steps of each subsample, by basis.

        Parameters
        ----------
        settings : Merging
        floor : float
            Stores that a cluster needs among all rows; in a subsample, as many fewer.
        longest : int
            Most clusters wanted.
        """
        merged = []
        for number, places in enumerate(self.picked):
            sides = {f"{side}_cluster": self.found[side][number] for side in BOTH}
            paths = final_paths(
                self.rows.iloc[places].assign(**sides),
                settings,
                floor=max(math.floor(floor * len(places) / len(self.rows)), 1),
                longest=longest,
            )
            merged.append({path.basis: path.steps for path in paths})
        return merged


def known_on_both_sides(rows: pd.DataFrame) -> np.ndarray:
    """Return the places of stores known on each side of which anything is known."""
    known = np.ones(len(rows), dtype=bool)
    for side in BOTH:
        has = rows[f"{side}_components"].notna().to_numpy(dtype=bool)
        known &= has | ~has.any()
    return np.flatnonzero(known)


def _pick(rows: pd.DataFrame, count: int, settings: Randomness) -> Labelings:
    stores, seed = rows["store_id"].to_numpy(), settings.random_state
    return list(subsamples(stores, count=count, random_state=seed))


def _samples(rows: pd.DataFrame, side: str, picked: Labelings) -> list[np.ndarray]:
    """Return the components of a side in each subsample; zeros without knowledge."""
    components = rows[f"{side}_components"]
    known = len(rows) and components.notna().all()
    X = stacked(components) if known else np.zeros((len(rows), 1))
    return [X[places] for places in picked]


def _cluster_with(
    samples: list[np.ndarray], ks: Sequence[int], settings: Fit
) -> Labelings:
    """Cluster each subsample with its own k."""
    labels = {}
    for k in set(ks):
        numbers = [number for number, own in enumerate(ks) if own == k]
        found = cluster_samples([samples[number] for number in numbers], [k], settings)
        labels |= dict(zip(numbers, found[k], strict=True))
    return [labels[number] for number in range(len(ks))]


def _choose(
    samples: list[np.ndarray],
    picked: Labelings,
    candidates: pd.DataFrame,
    settings: FinalScores,
) -> Labelings:
    """Cluster each subsample of one side, with the k that is best there."""
    if np.any(samples):
        near = _within_reach(candidates, min_stability=settings.min_stability)
    else:
        near = pd.DataFrame({"k": [1]})
    found = cluster_samples(samples, near["k"].tolist(), settings)
    if len(found) == 1:
        return found.popitem()[1]
    best = _best_ks(samples, picked, found, near, settings)
    return [found[k][number] for number, k in enumerate(best)]


def _within_reach(candidates: pd.DataFrame, *, min_stability: float) -> pd.DataFrame:
    """Return the candidates that some subsample might choose; a fixed one alone."""
    if candidates["is_fixed"].any():
        return candidates[candidates["is_fixed"]]
    near = candidates[candidates["stability"] >= min_stability - REACH]
    near = near[near["beats_reference"].astype(bool)]
    best = score_of(near).nlargest(CONTENDERS).index
    return candidates[candidates.index.isin(best) | (candidates["k"] == 1)]


def _best_ks(
    samples: list[np.ndarray],
    picked: Labelings,
    found: Mapping[int, Labelings],
    near: pd.DataFrame,
    settings: FinalScores,
) -> list[int]:
    """Return the k that is best in each subsample, by the rule for all stores."""
    split = near[near["k"] > 1]
    ks = split["k"].tolist()
    stability = {
        k: np.nanmean(pairwise_agreement(picked, found[k]), axis=0) for k in ks
    }
    smallest = math.ceil(SHARE * settings.min_cluster_size)
    rule = settings.model_copy(update={"min_cluster_size": smallest})
    best = []
    for number, sample in enumerate(samples):
        labelings = [found[k][number] for k in ks]
        scores = split.assign(
            fitted_stores=len(sample),
            smallest_cluster=[np.bincount(labels).min() for labels in labelings],
            silhouette=[w.mean() for w in silhouette_samples(sample, labelings)],
            stability=[stability[k][number] for k in ks],
            reference_silhouette=-1.0,  # that it is clearer than chance is settled
        )
        judged = judge_candidates(scores, rule)
        best.append(best_k(judged, k_margin=rule.k_margin))
    return best
