"""Firmness: real clusters are reproduced, accidental ones are not."""

import numpy as np
import pandas as pd
import pytest

from ml.final import merge_finals
from ml.firmness import FINALS, STABILITY, score_clusters, score_finals
from ml.settings import ClusterScores, FinalScores, MergePaths

SETTINGS = {
    "primary_side": "auto",
    "rebalance_mode": "store",
    "min_cluster_size": 5,
    "min_cluster_share": 0.03,
    "max_size_floor_share": 0.1,
    "max_cluster_size": 0,
    "internal_weight": 0.5,
    "external_weight": 0.5,
    "algorithm": "kmeans",
    "n_init": 3,
    "random_state": 42,
}


def stores_of(
    internal: np.ndarray, external: np.ndarray, cells: np.ndarray, category: str = "GIN"
) -> pd.DataFrame:
    """Return stores in two groups on either side, apart by 20 where told so."""
    return pd.DataFrame(
        {
            "store_id": [str(1000 + number) for number in range(len(cells))],
            "category": category,
            "split_value": None,
            "internal_components": list(internal),
            "external_components": list(external),
            "internal_cluster": cells // 2 + 1,
            "external_cluster": cells % 2 + 1,
            "cluster_id": cells + 1,
        }
    )


def groups(number: np.ndarray, *, apart: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(len(number), 3))
    return noise + apart * np.outer(number, [1, 0, 0])


CELLS = np.repeat([0, 1, 2, 3], 30)
CLEAR = stores_of(
    groups(CELLS // 2, apart=20, seed=0), groups(CELLS % 2, apart=20, seed=1), CELLS
)


def jaccard(stores: pd.DataFrame, **settings: object) -> dict[int, float]:
    finals = pd.DataFrame(
        {
            "category": ["GIN"],
            "basis": "both",
            "clusters": stores["cluster_id"].nunique(),
            "internal_ks": [[stores["internal_cluster"].nunique()] * 8],
            "external_ks": [[stores["external_cluster"].nunique()] * 8],
        }
    )
    scored = score_clusters(stores, finals, ClusterScores(**SETTINGS | settings))
    return dict(zip(scored["cluster_id"], scored["jaccard"], strict=True))


def test_clear_clusters_are_always_reproduced():
    assert jaccard(CLEAR) == {1: 1, 2: 1, 3: 1, 4: 1}


def test_accidents_are_not_reproduced():
    noise = stores_of(
        groups(CELLS, apart=0, seed=0), groups(CELLS, apart=0, seed=1), CELLS
    )
    assert max(jaccard(noise).values()) < 0.6


def test_one_cluster_has_no_figure():
    one = CLEAR.assign(internal_cluster=1, external_cluster=1, cluster_id=7)
    assert np.isnan(jaccard(one)[7])


def test_few_stores_known_on_both_sides_leave_the_sizes_possible():
    few = CLEAR.copy()
    few.loc[few.index % 5 > 0, "external_components"] = None
    figures = jaccard(few, min_cluster_size=3, min_cluster_share=0, max_cluster_size=6)
    assert set(figures) == {1, 2, 3, 4}


def test_a_cluster_of_stores_known_on_one_side_only_has_no_figure():
    unknown = CLEAR.copy()
    last = unknown["cluster_id"] == 4
    unknown.loc[last, "internal_components"] = None
    figures = jaccard(unknown)
    assert np.isnan(figures[4])
    assert figures[1] == 1


def test_a_side_of_which_nothing_is_known_does_not_count():
    internal_only = CLEAR.assign(
        external_components=None,
        external_cluster=1,
        cluster_id=CLEAR["internal_cluster"],
    )
    assert jaccard(internal_only) == {1: 1, 2: 1}


def test_small_clusters_are_rebalanced_in_subsamples_too():
    cells = np.repeat([0, 1, 2, 3], [40, 40, 40, 4])
    stores = stores_of(
        groups(cells // 2, apart=20, seed=0), groups(cells % 2, apart=20, seed=1), cells
    )
    stores.loc[stores["cluster_id"] == 4, "cluster_id"] = 3
    assert min(jaccard(stores).values()) > 0.9


def test_a_maximum_holds_in_subsamples_in_proportion():
    assert set(jaccard(CLEAR, max_cluster_size=45).values()) == {1}
    assert max(jaccard(CLEAR, max_cluster_size=15).values()) < 0.9


@pytest.mark.parametrize("algorithm", ["agglomerative", "gmm", "hdbscan"])
def test_other_algorithms_are_repeated_as_well(algorithm: str):
    assert min(jaccard(CLEAR, algorithm=algorithm).values()) == 1


def test_row_order_does_not_matter():
    blurred = stores_of(
        groups(CELLS // 2, apart=3, seed=0), groups(CELLS % 2, apart=3, seed=1), CELLS
    )
    expected = jaccard(blurred)
    assert min(expected.values()) < 1
    shuffled = blurred.sample(frac=1, random_state=0)
    assert jaccard(shuffled) == expected


def test_no_stores_give_an_empty_frame_of_the_same_types():
    none = pd.DataFrame({"category": []})
    empty = score_clusters(CLEAR.head(0), none, ClusterScores(**SETTINGS))
    assert empty.dtypes.astype(str).to_dict() == STABILITY


RULE = {"bootstrap_resamples": 8, "min_stability": 0.6, "k_margin": 0.02}
NONE = pd.DataFrame({"category": pd.Series(dtype="str"), "clusters": []})


def candidates_of(ks: dict[str, dict[int, float]], **columns: object) -> pd.DataFrame:
    """Return candidates by side: stability by k."""
    return pd.DataFrame(
        [
            {"side": side, "k": k, "stability": stability}
            for side, of_side in ks.items()
            for k, stability in of_side.items()
        ]
    ).assign(
        category="GIN",
        is_fixed=False,
        silhouette=0.4,
        reference_mean=0.05,
        beats_reference=True,
        **columns,
    )


ONE_TO_THREE = {1: np.nan, 2: 0.9, 3: 0.8}
ANY_K = candidates_of(dict.fromkeys(("internal", "external"), ONE_TO_THREE))


def score(stores: pd.DataFrame, candidates: pd.DataFrame = ANY_K) -> pd.DataFrame:
    paths = merge_finals(stores, NONE, MergePaths(max_final_clusters=8, **SETTINGS))
    return score_finals(stores, paths, candidates, FinalScores(**RULE | SETTINGS))


def test_every_number_of_clear_clusters_has_its_scores() -> None:
    scores = score(CLEAR)
    assert scores.dtypes.astype(str).to_dict() == FINALS
    assert scores.value_counts("basis").to_dict() == {
        "both": 4,
        "internal": 2,
        "external": 2,
    }
    four = scores.query("basis == 'both' and clusters == 4").iloc[0]
    assert four["jaccard"].tolist() == [1, 1, 1, 1]
    assert four["agreement"] == 1
    assert four["explained_variance"] > 0.95
    assert (four["smallest_cluster"], four["largest_cluster"]) == (30, 30)
    internal = scores.query("basis == 'internal' and clusters == 2").iloc[0]
    assert internal["sales_explained"] > 0.95
    assert internal["surroundings_explained"] < 0.05


def test_k_is_chosen_anew_in_each_subsample() -> None:
    scores = score(CLEAR)
    assert scores["internal_ks"].iloc[0].tolist() == [2] * 8
    blurred = stores_of(
        groups(CELLS // 2, apart=3, seed=0),
        groups(CELLS % 2, apart=20, seed=1),
        CELLS,
    )
    ks = score(blurred)["internal_ks"].iloc[0]
    assert len(ks) == 8
    assert set(ks) - {2}, "k was held fixed"


def test_a_k_that_a_person_fixed_is_not_chosen_anew() -> None:
    fixed = ANY_K.assign(is_fixed=ANY_K["k"] == 3)
    assert score(CLEAR, fixed)["internal_ks"].iloc[0].tolist() == [3] * 8


def test_clusters_whose_k_is_a_toss_are_less_firm_than_at_a_fixed_k() -> None:
    blurred = stores_of(
        groups(CELLS // 2, apart=3, seed=0),
        groups(CELLS % 2, apart=20, seed=1),
        CELLS,
    )
    fixed = ANY_K.assign(is_fixed=ANY_K["k"] == 2)
    agreement = {
        name: score(blurred, candidates).query("basis == 'both' and clusters == 4")
        for name, candidates in {"anew": ANY_K, "fixed": fixed}.items()
    }
    assert (
        agreement["anew"]["agreement"].iloc[0] < agreement["fixed"]["agreement"].iloc[0]
    )


def test_scores_do_not_depend_on_row_order() -> None:
    shuffled = CLEAR.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(score(shuffled), score(CLEAR))
