"""Corrections: stores that people move, clusters that they merge, and all the rest."""

import numpy as np
import pandas as pd
import pytest

from ml.cluster import place_stores
from ml.corrections import CORRECTED, apply_corrections, follow_merges
from ml.finish import finish_clusters
from ml.joint import joint_space
from ml.settings import Finish, Weights

WEIGHTS = Weights(internal_weight=0.5, external_weight=0.5)
FIGURES = [
    "silhouette",
    "distance_to_centroid",
    "next_best_cluster",
    "next_best_distance",
]


def joint_components(category: str = "GIN", *, seed: int = 0) -> pd.DataFrame:
    """Return 36 stores in three groups, not quite apart."""
    rng = np.random.default_rng(seed)
    group = np.repeat([1, 2, 3], [16, 12, 8])
    return pd.DataFrame(
        {
            "store_id": [str(1000 + number) for number in range(len(group))],
            "category": category,
            "merged_cluster": [f"{number}-{number}" for number in group],
            "split_value": None,
            "internal_components": list(
                3 * group[:, None] + rng.normal(size=(len(group), 2))
            ),
            "internal_cluster": group,
            "external_components": list(
                3 * group[:, None] + rng.normal(size=(len(group), 3))
            ),
            "external_cluster": group,
        }
    )


def numbered(components: pd.DataFrame) -> pd.DataFrame:
    """Return the method's clusters of them, under the numbers 11, 12 and 13."""
    clusters = finish_clusters(
        components,
        pd.DataFrame({"category": [], "basis": [], "clusters": []}),
        Finish(
            primary_side="auto",
            rebalance_mode="store",
            min_cluster_size=5,
            min_cluster_share=0,
            max_size_floor_share=1,
            max_cluster_size=0,
            n_init=1,
            random_state=0,
            **WEIGHTS.model_dump(),
        ),
    )
    clusters = clusters.rename(columns={"raw_cluster": "matched_cluster"})
    for column in ("matched_cluster", "next_best_cluster"):
        clusters[column] += 10
    return clusters


def corrections_of(*rows: tuple) -> pd.DataFrame:
    """Return corrections, each (action, store, cluster, target), of GIN."""
    columns = ["action", "store_id", "cluster_id", "target_cluster"]
    types = {"cluster_id": "Int32", "target_cluster": "Int32"}
    frame = pd.DataFrame(rows, columns=columns).astype(types)
    return frame.assign(category="GIN")


def correct(*rows: tuple, components: pd.DataFrame | None = None) -> pd.DataFrame:
    components = joint_components() if components is None else components
    corrected = apply_corrections(
        numbered(components), components, corrections_of(*rows), WEIGHTS
    )
    assert corrected.dtypes.astype(str).to_dict() == CORRECTED
    return corrected.set_index("store_id")


def test_without_corrections_every_figure_stays() -> None:
    components = joint_components()
    before = numbered(components)
    corrected = correct().reset_index()
    pd.testing.assert_frame_equal(corrected[list(before)], before, check_exact=True)
    assert (corrected["matched_cluster"] == before["matched_cluster"]).all()
    assert not corrected["is_override"].any()


def test_a_moved_store_is_where_it_was_moved_to() -> None:
    corrected = correct(("move", "1003", None, 13))
    assert corrected.loc["1003", ["cluster_id", "matched_cluster"]].tolist() == [
        13,
        11,
    ]
    assert corrected.index[corrected["is_override"]].tolist() == ["1003"]
    others = corrected.drop("1003")
    assert (others["cluster_id"] == others["matched_cluster"]).all()


def test_figures_are_those_of_the_corrected_clusters() -> None:
    corrected = correct(("move", "1003", None, 13), ("merge", None, 12, 11))
    components = joint_components()
    X = joint_space(components, WEIGHTS)
    expected = pd.DataFrame(place_stores(X, corrected["cluster_id"].to_numpy()))
    np.testing.assert_array_equal(
        corrected[FIGURES].astype(float), expected[FIGURES].astype(float)
    )
    unmoved = numbered(components)
    assert corrected["map_x"].tolist() == unmoved["map_x"].tolist()
    assert corrected["is_reassigned"].tolist() == unmoved["is_reassigned"].tolist()


def test_a_lock_that_the_method_agrees_with_changes_no_figure_and_is_shown() -> None:
    corrected = correct(("lock", "1003", None, 11))
    before = numbered(joint_components()).set_index("store_id")
    pd.testing.assert_frame_equal(corrected[list(before)], before, check_exact=True)
    assert corrected.index[corrected["is_override"]].tolist() == ["1003"]


def test_a_merge_takes_all_stores_of_the_cluster_and_overrides_none() -> None:
    corrected = correct(("merge", None, 12, 11))
    assert corrected["cluster_id"].value_counts().to_dict() == {11: 28, 13: 8}
    assert corrected["matched_cluster"].value_counts().to_dict() == {
        11: 16,
        12: 12,
        13: 8,
    }
    assert not corrected["is_override"].any()
    assert set(corrected["next_best_cluster"]) == {11, 13}


def test_a_store_that_is_moved_to_a_merged_cluster_goes_along() -> None:
    corrected = correct(("move", "1003", None, 12), ("merge", None, 12, 13))
    assert corrected.loc["1003", "cluster_id"] == 13
    assert corrected["cluster_id"].value_counts().to_dict() == {13: 21, 11: 15}


def test_a_store_of_a_merged_cluster_can_be_kept_out() -> None:
    corrected = correct(("move", "1020", None, 13), ("merge", None, 12, 11))
    assert corrected.loc["1020", "cluster_id"] == 13
    assert corrected["cluster_id"].value_counts().to_dict() == {11: 27, 13: 9}


def test_all_clusters_can_be_merged_into_one() -> None:
    corrected = correct(("merge", None, 12, 11), ("merge", None, 13, 12))
    assert set(corrected["cluster_id"]) == {11}
    assert corrected["next_best_cluster"].isna().all()
    assert corrected["silhouette"].isna().all()


def test_marks_and_names_change_no_cluster() -> None:
    corrected = correct(("name", None, 12, None), ("flagship", None, 11, None))
    assert (corrected["cluster_id"] == corrected["matched_cluster"]).all()


def test_other_categories_are_left_as_they_are_and_need_no_components() -> None:
    gin, rum = joint_components(), joint_components("RUM", seed=3)
    clusters = numbered(pd.concat([gin, rum]))
    rows = corrections_of(("move", "1003", None, 13), ("merge", None, 12, 11))
    corrected = apply_corrections(clusters, gin, rows, WEIGHTS)
    is_rum = corrected["category"] == "RUM"
    pd.testing.assert_frame_equal(
        corrected.loc[is_rum, list(clusters)],
        clusters[clusters["category"] == "RUM"],
        check_exact=True,
    )
    assert not corrected.loc[is_rum, "is_override"].any()
    assert corrected.loc[~is_rum, "is_override"].sum() == 1


def test_row_order_does_not_matter() -> None:
    components = joint_components()
    clusters = numbered(components)
    rows = corrections_of(("move", "1003", None, 13), ("merge", None, 12, 11))
    expected = apply_corrections(clusters, components, rows, WEIGHTS)
    for seed in range(5):
        shuffled = [
            frame.sample(frac=1, random_state=seed)
            for frame in (clusters, components, rows)
        ]
        again = apply_corrections(*shuffled, WEIGHTS)
        pd.testing.assert_frame_equal(again, expected, check_exact=True)


def test_a_second_time_changes_nothing() -> None:
    components = joint_components()
    rows = corrections_of(("move", "1003", None, 13), ("merge", None, 12, 13))
    once = apply_corrections(numbered(components), components, rows, WEIGHTS)
    known = [*set(once["cluster_id"])]
    assert known == [11, 13]
    moves = corrections_of(("move", "1003", None, 13))
    twice = once.assign(matched_cluster=once["cluster_id"])
    again = apply_corrections(twice, components, moves, WEIGHTS)
    assert again["cluster_id"].tolist() == once["cluster_id"].tolist()


def test_no_stores_give_an_empty_frame_of_the_same_types() -> None:
    components = joint_components().head(0)
    clusters = numbered(joint_components()).head(0)
    empty = apply_corrections(clusters, components, corrections_of(), WEIGHTS)
    assert empty.empty
    assert empty.dtypes.astype(str).to_dict() == CORRECTED


@pytest.mark.parametrize(
    "row", [("move", "1003", None, 99), ("merge", None, 12, 99)], ids=["move", "merge"]
)
def test_a_cluster_that_the_category_does_not_have_is_refused(row: tuple) -> None:
    message = "cluster 99 of category 'GIN', expected one of 11, 12, 13"
    with pytest.raises(ValueError, match=message):
        correct(row)


def test_merges_are_followed_to_their_end() -> None:
    labels = pd.Series([1, 2, 3, 4, 1])
    assert follow_merges(labels, {1: 3, 3: 4}).tolist() == [4, 2, 4, 4, 4]
    assert follow_merges(labels, {}).tolist() == [1, 2, 3, 4, 1]


@pytest.mark.parametrize("merges", [{1: 1}, {1: 2, 2: 1}, {4: 1, 1: 2, 2: 3, 3: 1}])
def test_merges_in_a_circle_are_refused(merges: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="got merges in a circle, "):
        follow_merges(pd.Series([1]), merges)
