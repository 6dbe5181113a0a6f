"""Candidates: every k is scored, and what limits k."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from ml.algorithms import ALGORITHMS, cluster
from ml.candidates import SCORES, score_candidates
from ml.canonical import canonical_order
from ml.settings import Fit, Search
from ml.stability import STARTS, mean_agreement, subsamples
from tests.ml.sides import projection_of

ALGORITHM = {
    "algorithm": "kmeans",
    "n_init": 3,
    "min_cluster_size": 5,
    "random_state": 42,
}
SETTINGS = {
    "min_clusters": 2,
    "max_clusters": 10,
    "stability_resamples": 3,
    "min_stability": 0.6,
    "max_size_floor_share": 0.1,
}
INDICES = ["silhouette", "calinski_harabasz", "davies_bouldin", "stability"]
NOTHING_FIXED = pd.DataFrame({"category": [], "side": [], "k": []})


def prepared_of(
    components: np.ndarray, *, category: str = "GIN", in_fit: np.ndarray | bool = True
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "store_id": [str(1000 + number) for number in range(len(components))],
            "category": category,
            "components": list(np.asarray(components, dtype=float)),
            "scaled": list(np.asarray(components, dtype=float)),
            "is_outlier": False,
            "in_fit": in_fit,
        }
    )


def groups(count: int, *, size: int = 15, seed: int = 0) -> np.ndarray:
    """Return that many separate groups of stores."""
    noise = np.random.default_rng(seed).normal(size=(count * size, 2))
    angles = 2 * np.pi * np.repeat(np.arange(count), size) / count
    return 40 * np.column_stack([np.cos(angles), np.sin(angles)]) + noise


def score(
    prepared: pd.DataFrame,
    fixed: pd.DataFrame = NOTHING_FIXED,
    *,
    block: int | None = None,
    **settings: int,
) -> pd.DataFrame:
    search = Search(**SETTINGS | ALGORITHM | settings)
    widths = prepared.groupby("category")["scaled"].first().map(len)
    projections = pd.concat(
        [projection_of(0)]
        + [
            projection_of(width, category=category, block=block)
            for category, width in widths.items()
        ]
    )
    return score_candidates(prepared, projections, fixed, search, side="internal")


def test_every_k_of_the_range_is_a_candidate() -> None:
    scores = score(prepared_of(groups(4)), min_clusters=3, max_clusters=6)
    assert scores["k"].tolist() == [1, 3, 4, 5, 6]
    assert scores.dtypes.astype(str).to_dict() == SCORES


def test_scores_are_those_of_scikit_learn() -> None:
    X = groups(4)
    X = X[canonical_order(X)]
    for row in score(prepared_of(X)).query("k > 1").itertuples():
        labels = cluster(X, row.k, Fit(**ALGORITHM)).labels
        assert row.fitted_stores == 60
        assert row.smallest_cluster == np.bincount(labels).min()
        assert row.silhouette == pytest.approx(metrics.silhouette_score(X, labels))
        assert row.calinski_harabasz == metrics.calinski_harabasz_score(X, labels)
        assert row.davies_bouldin == metrics.davies_bouldin_score(X, labels)


@pytest.mark.parametrize("algorithm", ["kmeans", "birch"])
def test_stability_is_the_agreement_of_subsamples_each_clustered_by_itself(
    algorithm: str,
) -> None:
    X = np.random.default_rng(0).normal(size=(80, 3))
    X = X[canonical_order(X)]
    prepared, chosen = prepared_of(X), {"algorithm": algorithm, "n_init": STARTS}
    picked = list(subsamples(prepared["store_id"], count=3, random_state=42))
    for row in score(prepared, algorithm=algorithm).query("k > 1").itertuples():
        fit = Fit(**ALGORITHM | chosen)
        labels = [cluster(X[rows], row.k, fit).labels for rows in picked]
        expected = mean_agreement(picked, labels)
        assert row.stability == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("count", [2, 3, 5, 7])
def test_the_true_number_of_groups_scores_best(count: int) -> None:
    scores = score(prepared_of(groups(count))).set_index("k")
    assert scores["silhouette"].idxmax() == count
    assert scores["stability"].idxmax() == count
    assert scores["calinski_harabasz"].idxmax() == count
    assert scores["davies_bouldin"].idxmin() == count


def test_stores_out_of_the_fit_do_not_count() -> None:
    X, odd = groups(3), 1e6 * np.random.default_rng(0).normal(size=(5, 2))
    out = prepared_of(np.vstack([X, odd]), in_fit=np.arange(50) < 45)
    out.loc[49, "components"] = None
    pd.testing.assert_frame_equal(score(out), score(prepared_of(X)))


@pytest.mark.parametrize("distinct", [3, 4, 7])
def test_the_highest_k_is_lowered_to_what_different_stores_allow(distinct: int) -> None:
    X = np.arange(distinct, dtype=float).reshape(-1, 1).repeat(20, axis=0)
    scores = score(prepared_of(X))
    assert scores["k"].tolist() == list(range(1, distinct + 1))
    assert scores["fitted_stores"].unique().tolist() == [20 * distinct]


def test_stores_that_are_all_alike_are_one_cluster() -> None:
    scores = score(prepared_of(np.ones((20, 1))))
    assert scores[["k", "smallest_cluster"]].to_numpy().tolist() == [[1, 20]]
    assert scores[INDICES].isna().all(axis=None)
    assert scores.dtypes.astype(str).to_dict() == SCORES


@pytest.mark.parametrize("levels", [2, 3, 5])
@pytest.mark.parametrize("is_fixed", [True, False])
def test_each_level_of_one_categorical_feature_can_be_a_cluster(
    levels: int, is_fixed: bool
) -> None:
    level = np.random.default_rng(0).integers(0, levels, 60)
    places = np.eye(levels)[level] - 1 / levels
    prepared = prepared_of(places)
    fixed = pd.DataFrame({"category": ["GIN"], "side": ["internal"], "k": [levels]})
    highest = 2 if is_fixed else 9
    scores = score(
        prepared,
        fixed if is_fixed else NOTHING_FIXED,
        block=1,
        max_clusters=highest,
    ).set_index("k")
    assert scores.index.max() == levels
    row = scores.loc[levels]
    assert row["silhouette"] == pytest.approx(1)
    assert row["stability"] == 1
    assert row["davies_bouldin"] == pytest.approx(0, abs=1e-6)
    assert row["smallest_cluster"] == np.bincount(level).min()
    assert row["is_fixed"] == is_fixed
    assert row["silhouette"] <= row["reference_silhouette"]


def test_a_lowest_k_that_the_stores_do_not_allow_leaves_one_cluster() -> None:
    assert score(prepared_of(groups(1, size=5)), min_clusters=5)["k"].tolist() == [1]


@pytest.mark.parametrize("place", [0, 5e-7])
def test_stores_nearly_alike_are_not_different_enough_for_a_cluster_each(
    place: float,
) -> None:
    four = np.arange(4.0).repeat(10) + place
    nearly = four + np.tile([-1e-9, 1e-9], 20)
    assert score(prepared_of(nearly.reshape(-1, 1)))["k"].max() <= 4


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_tiny_categories_are_scored_as_far_as_they_can_be(
    algorithm: str, rows: int
) -> None:
    X = np.array([[0.0, 1.0], [2.0, 1.0], [9.0, -3.0]])[:rows]
    scores = score(prepared_of(X), algorithm=algorithm)
    found = [1, 2] if rows == 3 and algorithm != "hdbscan" else [1]
    assert scores["k"].tolist() == found
    assert scores["fitted_stores"].unique().tolist() == [rows]


def test_a_category_of_which_no_store_is_in_the_fit_has_one_empty_cluster() -> None:
    scores = score(prepared_of(groups(2), in_fit=False).assign(components=None))
    columns = ["k", "fitted_stores", "smallest_cluster"]
    assert scores[columns].to_numpy().tolist() == [[1, 0, 0]]


def test_categories_are_scored_apart() -> None:
    one_point = prepared_of(np.zeros((9, 3)), category="RUM")
    gin = prepared_of(groups(3))
    both = score(pd.concat([one_point, gin]))
    pd.testing.assert_frame_equal(both[both["category"] == "GIN"], score(gin))
    assert both.loc[both["category"] == "RUM", "k"].tolist() == [1]


def test_row_order_does_not_matter() -> None:
    X = np.random.default_rng(0).normal(size=(70, 3))
    prepared = pd.concat([prepared_of(X), prepared_of(X[:40] ** 2, category="RUM")])
    expected = score(prepared)
    for seed in range(2):
        shuffled = prepared.sample(frac=1, random_state=seed)
        pd.testing.assert_frame_equal(score(shuffled), expected, check_exact=True)


def test_no_stores_give_an_empty_frame_of_the_same_types() -> None:
    prepared = prepared_of(groups(3))
    empty = score(prepared.head(0))
    assert empty.empty
    pd.testing.assert_series_equal(empty.dtypes, score(prepared).dtypes)


def test_what_no_structure_gives_is_the_reference() -> None:
    cloud = np.random.default_rng(0).normal(size=(300, 4))
    scores = score(prepared_of(cloud)).query("k > 1")
    gap = scores["silhouette"] - scores["reference_mean"]
    assert gap.abs().max() < 0.05
    assert (scores["silhouette"] < scores["reference_silhouette"]).all()
    clear = score(prepared_of(groups(4))).set_index("k").loc[4]
    assert clear["silhouette"] > clear["reference_silhouette"] + 0.25


def test_clusters_of_a_cloud_are_not_found_again() -> None:
    cloud = np.random.default_rng(0).normal(size=(300, 8))
    assert score(prepared_of(cloud))["stability"].max() < 0.6
    assert score(prepared_of(groups(4))).set_index("k")["stability"][4] == 1


def test_a_fixed_k_is_a_candidate_outside_the_range_too() -> None:
    fixed = pd.DataFrame({"category": "GIN", "side": ["internal", "external"]})
    scores = score(prepared_of(groups(4)), fixed.assign(k=[7, 8]), max_clusters=3)
    assert scores["k"].tolist() == [1, 2, 3, 7]
    assert scores["is_fixed"].tolist() == [False, False, False, True]


def test_one_cluster_can_be_fixed() -> None:
    fixed = pd.DataFrame({"category": ["GIN"], "side": ["internal"], "k": [1]})
    scores = score(prepared_of(groups(4)), fixed, max_clusters=3)
    assert scores["k"].tolist() == [1, 2, 3]
    assert scores["is_fixed"].tolist() == [True, False, False]


def test_a_fixed_k_that_the_stores_do_not_allow_is_no_candidate() -> None:
    fixed = pd.DataFrame({"category": ["GIN"], "side": ["internal"], "k": [90]})
    scores = score(prepared_of(groups(4)), fixed, max_clusters=3)
    assert scores["k"].tolist() == [1, 2, 3]
    assert not scores["is_fixed"].any()


@pytest.mark.parametrize("k", [3, 4])
def test_a_cluster_for_every_store_cannot_be_fixed(k: int) -> None:
    fixed = pd.DataFrame({"category": ["GIN"], "side": ["internal"], "k": [k]})
    X = np.array([[0.0, 1.0], [2.0, 1.0], [9.0, -3.0]])
    scores = score(prepared_of(X), fixed)
    assert scores["k"].tolist() == [1, 2]
    assert not scores["is_fixed"].any()


def test_a_k_can_be_fixed_on_more_stores_than_a_resample_has() -> None:
    fixed = pd.DataFrame({"category": ["GIN"], "side": ["internal"], "k": [405]})
    X = np.random.default_rng(0).normal(size=(420, 1))
    scores = score(prepared_of(X), fixed, max_clusters=2, algorithm="agglomerative")
    assert scores["k"].tolist() == [1, 2, 405]


def test_a_k_that_is_not_found_is_no_candidate() -> None:
    places = np.random.default_rng(2).normal(size=(6, 2))
    nearly = places.repeat(5, axis=0) + np.tile([-1e-9, 1e-9], 15)[:, None]
    scores = score(prepared_of(nearly)).set_index("k")
    assert scores.index.tolist() == [1, 2, 3, 4, 5, 6]
    X = nearly[canonical_order(nearly)]
    for k in scores.index[1:]:
        labels = cluster(X, k, Fit(**ALGORITHM)).labels
        assert scores["silhouette"][k] == pytest.approx(
            metrics.silhouette_score(X, labels)
        )


def test_where_hdbscan_finds_noise_only_there_is_one_cluster() -> None:
    X = np.random.default_rng(0).normal(size=(12, 2))
    scores = score(prepared_of(X), algorithm="hdbscan", min_cluster_size=6)
    assert scores["k"].tolist() == [1]


def test_the_k_that_hdbscan_finds_may_lie_outside_the_range() -> None:
    scores = score(prepared_of(groups(7)), algorithm="hdbscan", max_clusters=3)
    assert scores["k"].tolist() == [1, 7]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_names_and_order_of_stores_do_not_matter(algorithm: str) -> None:
    """But that a name decides which subsamples a store is in."""
    X = np.random.default_rng(0).normal(size=(50, 2))
    expected = score(prepared_of(X), algorithm=algorithm, max_clusters=4)
    order = np.random.default_rng(1).permutation(50)
    shuffled = prepared_of(X).iloc[order]
    found = score(shuffled, algorithm=algorithm, max_clusters=4)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    renamed = score(prepared_of(X[order]), algorithm=algorithm, max_clusters=4)
    columns = [*SCORES][: [*SCORES].index("stability")]
    pd.testing.assert_frame_equal(renamed[columns], expected[columns], check_exact=True)


def test_hdbscan_has_one_candidate_the_k_it_finds() -> None:
    scores = score(prepared_of(groups(5)), algorithm="hdbscan")
    assert scores["k"].tolist() == [1, 5]


@pytest.mark.parametrize(
    "algorithm", ["minibatch_kmeans", "gmm", "agglomerative", "birch"]
)
def test_every_algorithm_is_scored(algorithm: str) -> None:
    scores = score(prepared_of(groups(4)), algorithm=algorithm, max_clusters=5)
    assert scores.set_index("k")["silhouette"].idxmax() == 4
