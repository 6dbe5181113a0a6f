"""Finish: final clusters of the wanted number and sizes, numbered and placed."""

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn import metrics

from ml.cluster import centroids
from ml.finish import FINISHED, finish_clusters
from ml.joint import joint_space
from ml.settings import Finish, Weights

WEIGHTS = {"internal_weight": 0.5, "external_weight": 0.5}
OPTIONS = {
    "primary_side": "auto",
    "rebalance_mode": "store",
    "min_cluster_size": 5,
    "min_cluster_share": 0,
    "max_size_floor_share": 1,
    "max_cluster_size": 0,
    "n_init": 2,
    "random_state": 42,
    **WEIGHTS,
}

# Every cluster that is large enough stays.
ALL = pd.DataFrame({"category": [], "basis": [], "clusters": []})


def merged_of(
    internal: np.ndarray, external: np.ndarray, clusters: np.ndarray
) -> pd.DataFrame:
    """Return rows of one category, with the same clusters on either side."""
    return pd.DataFrame(
        {
            "store_id": [str(1000 + number) for number in range(len(clusters))],
            "category": "GIN",
            "merged_cluster": [f"{number}-{number}" for number in clusters],
            "split_value": None,
            "internal_components": list(internal),
            "internal_cluster": clusters,
            "external_components": list(external),
            "external_cluster": clusters,
        }
    )


def grouped(*sizes: int, seed: int = 0) -> pd.DataFrame:
    """Return separate groups of those sizes, some stores unknown on one side."""
    rng = np.random.default_rng(seed)
    clusters = np.repeat(np.arange(len(sizes)), sizes) + 1
    internal = 8 * clusters[:, None] + rng.normal(size=(len(clusters), 3))
    external = 8 * clusters[:, None] + rng.normal(size=(len(clusters), 1))
    return merged_of(internal, external, clusters)


def run(merged: pd.DataFrame, **options: object) -> pd.DataFrame:
    return finish_clusters(merged, ALL, Finish(**OPTIONS | options))


def test_every_store_has_one_typed_row() -> None:
    finished = run(grouped(10, 20, 3))
    assert finished.dtypes.astype(str).to_dict() == FINISHED
    assert len(finished) == 33
    assert finished["store_id"].is_unique


def test_final_clusters_are_numbered_from_the_largest() -> None:
    finished = run(grouped(10, 3, 20))
    assert finished["raw_cluster"].value_counts().sort_index().is_monotonic_decreasing
    assert finished["raw_cluster"][32] == 1


def test_the_stores_that_moved_are_told() -> None:
    finished = run(grouped(10, 3, 20))
    moved = finished["is_reassigned"].to_numpy().nonzero()[0]
    assert moved.tolist() == [10, 11, 12]


def test_row_order_does_not_matter() -> None:
    merged = pd.concat([grouped(10, 3, 20), grouped(2, 2, 3).assign(category="RUM")])
    merged.iloc[[4, 11], merged.columns.get_loc("internal_components")] = None
    expected = run(merged)
    for seed in range(5):
        shuffled = run(merged.sample(frac=1, random_state=seed))
        pd.testing.assert_frame_equal(shuffled, expected, check_exact=True)


def test_silhouettes_are_those_of_the_joint_space() -> None:
    merged = grouped(10, 20, 3)
    finished, X = run(merged), joint_space(merged, Weights(**WEIGHTS))
    expected = metrics.silhouette_samples(X, finished["raw_cluster"])
    np.testing.assert_allclose(finished["silhouette"], expected, rtol=0, atol=1e-8)


def test_distances_are_those_to_the_final_centroids() -> None:
    merged = grouped(10, 20, 3, 7)
    finished, X = run(merged), joint_space(merged, Weights(**WEIGHTS))
    ids = finished["raw_cluster"].to_numpy()
    distances = cdist(X, centroids(X, ids, [1, 2, 3]))
    own = distances[np.arange(40), ids - 1]
    distances[np.arange(40), ids - 1] = np.inf
    np.testing.assert_allclose(finished["distance_to_centroid"], own)
    np.testing.assert_allclose(finished["next_best_distance"], distances.min(axis=1))
    assert finished["next_best_cluster"].tolist() == list(distances.argmin(axis=1) + 1)


def test_a_category_of_one_cluster_has_no_next_best() -> None:
    gin, rum = grouped(10, 20), grouped(3, 3).assign(category="RUM")
    finished = run(pd.concat([gin, rum]), min_cluster_size=10)
    unknown = ["silhouette", "next_best_cluster", "next_best_distance"]
    alone = finished["category"] == "RUM"
    assert finished.loc[alone, unknown].isna().all(axis=None)
    assert finished.loc[~alone, unknown].notna().all(axis=None)
    assert finished["distance_to_centroid"].notna().all()
    assert finished.dtypes.astype(str).to_dict() == FINISHED


def test_the_map_keeps_the_largest_spread_of_the_joint_space() -> None:
    merged = grouped(10, 20, 15)
    places = run(merged)[["map_x", "map_y"]].to_numpy()
    X = joint_space(merged, Weights(**WEIGHTS))
    largest = np.linalg.eigvalsh(np.cov(X, rowvar=False))[::-1]
    np.testing.assert_allclose(places.var(axis=0, ddof=1), largest[:2])


def test_stores_that_are_all_alike_stand_at_one_point_of_the_map() -> None:
    merged = merged_of(np.zeros((8, 1)), np.zeros((8, 2)), np.repeat([1, 2], 4))
    finished = run(merged, min_cluster_size=4)
    assert not finished[["map_x", "map_y", "silhouette"]].any(axis=None)
    assert finished["raw_cluster"].tolist() == [1] * 4 + [2] * 4


def test_a_category_of_one_store_is_one_cluster() -> None:
    finished = run(grouped(1))
    assert finished["raw_cluster"].tolist() == [1]
    assert not finished[["map_x", "map_y", "distance_to_centroid"]].any(axis=None)


def test_a_category_of_which_nothing_is_known_keeps_its_stores() -> None:
    merged = grouped(6).assign(internal_components=None, external_components=None)
    finished = run(merged)
    assert finished["raw_cluster"].tolist() == [1] * 6
    assert not finished[["map_x", "map_y"]].any(axis=None)


def test_a_map_of_one_dimension_is_flat() -> None:
    one = np.arange(6.0).reshape(-1, 1)
    finished = run(merged_of(one, np.zeros((6, 1)), np.ones(6, dtype=int)))
    assert finished["map_x"].is_unique
    np.testing.assert_allclose(finished["map_y"], 0, atol=1e-12)


def test_no_stores_give_an_empty_frame_of_the_same_types() -> None:
    empty = run(grouped(5).head(0))
    assert empty.empty
    assert empty.dtypes.astype(str).to_dict() == FINISHED


def test_stores_keep_to_the_value_that_splits_their_category() -> None:
    merged = grouped(10, 3, 20)
    merged["split_value"] = np.where(np.arange(33) % 2, "N", "S")
    merged["merged_cluster"] += "-" + merged["split_value"]
    finished = run(merged)
    values = merged["split_value"].groupby(finished["raw_cluster"])
    assert values.nunique().tolist() == [1, 1, 1, 1]
    assert finished["is_reassigned"].to_numpy().nonzero()[0].tolist() == [10, 11, 12]


def test_the_minimum_is_the_larger_of_count_and_share() -> None:
    merged = grouped(10, 20, 30, 40)
    by_share = run(merged, min_cluster_size=5, min_cluster_share=0.2)
    assert by_share["raw_cluster"].value_counts().tolist() == [40, 30, 30]
    by_count = run(merged, min_cluster_size=31, min_cluster_share=0.2)
    assert by_count["raw_cluster"].value_counts().tolist() == [60, 40]
    few = run(merged, min_cluster_size=31, max_size_floor_share=0.1)
    assert few["raw_cluster"].nunique() == 4


def test_a_cluster_above_the_maximum_is_split_and_no_store_is_called_moved() -> None:
    finished = run(grouped(10, 3, 45), max_cluster_size=20)
    sizes = finished["raw_cluster"].value_counts()
    assert len(sizes) == 4
    assert sizes.between(5, 20).all()
    assert finished["is_reassigned"].to_numpy().nonzero()[0].tolist() == [10, 11, 12]


def test_row_order_does_not_matter_to_a_split() -> None:
    merged = grouped(12, 45)
    expected = run(merged, max_cluster_size=20)
    for seed in range(3):
        shuffled = run(merged.sample(frac=1, random_state=seed), max_cluster_size=20)
        pd.testing.assert_frame_equal(shuffled, expected, check_exact=True)


def test_as_many_clusters_are_left_as_are_wanted() -> None:
    merged = grouped(10, 20, 30, 40)
    for count in (1, 2, 3, 4):
        wanted = pd.DataFrame({"category": ["GIN"], "basis": "both", "clusters": count})
        finished = finish_clusters(merged, wanted, Finish(**OPTIONS))
        assert finished["raw_cluster"].nunique() == count
        assert not finished["is_reassigned"].any()


def test_final_clusters_may_be_those_of_one_side_alone() -> None:
    merged = grouped(20, 20, 20, 20).assign(external_cluster=np.tile([1, 2], 40))
    for side, count in (("internal", 4), ("external", 2)):
        wanted = pd.DataFrame({"category": ["GIN"], "basis": side, "clusters": count})
        finished = finish_clusters(merged, wanted, Finish(**OPTIONS))
        pairs = {*zip(finished["raw_cluster"], merged[f"{side}_cluster"], strict=True)}
        assert len(pairs) == count
