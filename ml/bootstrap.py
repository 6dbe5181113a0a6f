"""The whole method again, on random subsamples of the stores."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
import pandas as pd

from ml.algorithms import cluster
from ml.choose import best_k, judge_candidates, score_of
from ml.final import BOTH, Merging, final_paths
from ml.frames import stacked
from ml.resample import SHARE, STARTS, subsamples
from ml.silhouette import silhouette_samples
from ml.stability import pairwise_agreement

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


class Choice(NamedTuple):
    """How k is chosen.

    ``candidates`` has one row per candidate of either side, and the columns
    ``CONSIDERED``. The settings are those of `ml.choose`. The k of an
    earlier run counts for nothing here: the same stores are as firm in every run.
    """

    candidates: pd.DataFrame
    min_stability: float
    min_cluster_size: int
    max_size_floor_share: float
    k_margin: float


class Resamples:
    """Random subsamples of stores of one category, clustered anew on either side.

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
        choice: Choice,
        *,
        resamples: int,
        **algorithm: str | int,
    ) -> Self:
        """Choose k of each subsample by itself."""
        picked = _pick(rows, resamples, **algorithm)
        found = {
            side: _choose(rows, side, picked, choice, **_quick(algorithm))
            for side in BOTH
        }
        return cls(rows, found, picked)

    @classmethod
    def with_ks(
        cls,
        rows: pd.DataFrame,
        ks: Mapping[str, Sequence[int]],
        **algorithm: str | int,
    ) -> Self:
        """Take the k of each subsample as given, by side."""
        picked = _pick(rows, len(ks["internal"]), **algorithm)
        found = {}
        for side in BOTH:
            X = _components(rows, side)
            found[side] = [
                cluster(X[places], min(k, len(places)), **_quick(algorithm)).labels
                for places, k in zip(picked, ks[side], strict=True)
            ]
        return cls(rows, found, picked)

    def ks(self, side: str) -> list[int]:
        """Return the number of clusters of each subsample."""
        return [int(labels.max()) + 1 for labels in self.found[side]]

    def merge(
        self, how: Merging, *, floor: float, longest: int
    ) -> list[dict[str, np.ndarray]]:
        """Return for each subsample, by basis, the steps to few final clusters.

        Parameters
        ----------
        how : Merging
            The settings.
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
                how,
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


def _pick(
    rows: pd.DataFrame, resamples: int, *, random_state: int, **_: str | int
) -> Labelings:
    return list(
        subsamples(rows["store_id"], count=resamples, random_state=random_state)
    )


def _quick(algorithm: Mapping[str, str | int]) -> dict[str, str | int]:
    return {**algorithm, "n_init": min(algorithm["n_init"], STARTS)}


def _components(rows: pd.DataFrame, side: str) -> np.ndarray:
    """Return the components of a side; zeros where it knows nothing."""
    components = rows[f"{side}_components"]
    if rows.empty or not components.notna().all():
        return np.zeros((len(rows), 1))
    return stacked(components)


def _choose(
    rows: pd.DataFrame,
    side: str,
    picked: Labelings,
    choice: Choice,
    **algorithm: str | int,
) -> Labelings:
    """Cluster each subsample, with the k that is best there."""
    X = _components(rows, side)
    near = _within_reach(choice, side) if X.any() else pd.DataFrame({"k": [1]})
    found = {
        k: [
            cluster(X[places], min(k, len(places)), **algorithm)[0] for places in picked
        ]
        for k in near["k"].tolist()
    }
    if len(found) == 1:
        return found.popitem()[1]
    best = _best_ks(X, picked, found, near, choice)
    return [found[k][number] for number, k in enumerate(best)]


def _within_reach(choice: Choice, side: str) -> pd.DataFrame:
    """Return the candidates that some subsample might choose; a fixed one alone."""
    of_side = choice.candidates[choice.candidates["side"] == side].sort_values("k")
    if of_side["is_fixed"].any():
        return of_side[of_side["is_fixed"]]
    near = of_side[of_side["stability"] >= choice.min_stability - REACH]
    near = near[near["beats_reference"].astype(bool)]
    best = score_of(near).nlargest(CONTENDERS).index
    return of_side[of_side.index.isin(best) | (of_side["k"] == 1)]


def _best_ks(
    X: np.ndarray,
    picked: Labelings,
    found: Mapping[int, Labelings],
    near: pd.DataFrame,
    choice: Choice,
) -> list[int]:
    """Return the k that is best in each subsample, by the rule for all stores."""
    split = near[near["k"] > 1]
    ks = split["k"].tolist()
    stability = {
        k: np.nanmean(pairwise_agreement(picked, found[k]), axis=0) for k in ks
    }
    best = []
    for number, places in enumerate(picked):
        labelings = [found[k][number] for k in ks]
        scores = split.assign(
            fitted_stores=len(places),
            smallest_cluster=[np.bincount(labels).min() for labels in labelings],
            silhouette=[w.mean() for w in silhouette_samples(X[places], labelings)],
            stability=[stability[k][number] for k in ks],
            reference_silhouette=-1.0,  # that it is clearer than chance is settled
        )
        judged = judge_candidates(
            scores,
            min_stability=choice.min_stability,
            min_cluster_size=SHARE * choice.min_cluster_size,
            max_size_floor_share=choice.max_size_floor_share,
        )
        best.append(best_k(judged, k_margin=choice.k_margin))
    return best
