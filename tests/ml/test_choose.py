"""Choose: one k per side, by figures that do not depend on the other candidates."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ml.candidates import best_k, judge_candidates
from ml.settings import Eligibility

RULE = Eligibility(min_stability=0.6, min_cluster_size=10, max_size_floor_share=0.1)


def candidates_of(seed: int) -> pd.DataFrame:
    """Return random scores of k from 1 to 10."""
    rng = np.random.default_rng(seed)
    scores = pd.DataFrame(
        {
            "k": range(1, 11),
            "fitted_stores": 150,
            "smallest_cluster": rng.integers(5, 60, 10),
            "silhouette": rng.uniform(0, 0.8, 10),
            "reference_silhouette": rng.uniform(0, 0.4, 10),
            "reference_mean": rng.uniform(0, 0.3, 10),
            "stability": rng.uniform(0.3, 1, 10),
        }
    )
    names = ["silhouette", "reference_silhouette", "reference_mean", "stability"]
    scores.loc[0, names] = np.nan
    return scores


def alike() -> pd.DataFrame:
    """Return candidates from 2 up that are all as good."""
    scores = candidates_of(1)
    figures = {"stability": 0.9, "silhouette": 0.3, "reference_silhouette": 0.2}
    figures["reference_mean"] = 0.1
    scores.loc[1:, list(figures)] = list(figures.values())
    return scores.assign(smallest_cluster=20)


def chosen(candidates: pd.DataFrame) -> int:
    return best_k(judge_candidates(candidates, RULE), k_margin=0.02)


@given(seed=st.integers(0, 10_000), left_out=st.integers(1, 9))
def test_a_candidate_that_is_not_chosen_does_not_matter(
    seed: int, left_out: int
) -> None:
    candidates = candidates_of(seed)
    k = chosen(candidates)
    if candidates["k"][left_out] != k:
        assert chosen(candidates.drop(left_out)) == k


@given(seed=st.integers(0, 10_000))
def test_what_is_chosen_is_stable_clear_and_large_enough(seed: int) -> None:
    candidates = candidates_of(seed)
    k = chosen(candidates)
    row = candidates.set_index("k").loc[k]
    good = candidates["stability"].ge(0.6) & candidates["smallest_cluster"].ge(10)
    good &= candidates["silhouette"] > candidates["reference_silhouette"]
    assert (k == 1) == (not good.any())
    if k > 1:
        assert row["stability"] >= 0.6
        assert row["smallest_cluster"] >= 10
        assert row["silhouette"] > row["reference_silhouette"]


def test_the_floor_is_never_given_up_for_a_k() -> None:
    small = alike().assign(smallest_cluster=9)
    assert chosen(small) == 1
    assert chosen(small.assign(fitted_stores=90)) > 1


def test_of_two_as_stable_the_clearer_one_is_chosen() -> None:
    scores = alike()
    assert chosen(scores) == 2
    scores.loc[scores["k"] == 4, "silhouette"] = 0.4
    assert chosen(scores) == 4
