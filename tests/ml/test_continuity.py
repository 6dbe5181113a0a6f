from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.continuity import (
    continue_labels,
    describe_changes,
    match_clusters,
    number_clusters,
)


def run_of(clusters: dict[int, str], category: str = "GIN") -> pd.DataFrame:
    """One run's clusters, given as {cluster_id: its stores, one letter each}."""
    return pd.DataFrame(
        [(store, category, c) for c, stores in clusters.items() for store in stores],
        columns=["store_id", "category", "cluster_id"],
    )


def label(now: dict[int, str], before: dict[int, str]) -> pd.DataFrame:
    """Return the labels of one category by cluster_id."""
    return continue_labels(run_of(now), run_of(before)).set_index("cluster_id")


def numbers(labels: pd.DataFrame) -> dict[int, int]:
    """Return {cluster_number of the new run: cluster_id}."""
    cluster_number = labels["cluster_number"].dropna()
    return {number: cluster_id for cluster_id, number in cluster_number.items()}


def test_the_same_clusters_keep_their_numbers():
    clusters = {1: "abcd", 2: "efg", 3: "hi"}
    labels = label(clusters, clusters)
    assert numbers(labels) == {1: 1, 2: 2, 3: 3}
    assert set(labels["change"]) == {"kept"}
    assert (labels["retention"] == 1).all()


def test_renumbered_clusters_get_their_numbers_back():
    labels = label({1: "hi", 2: "abcd", 3: "efg"}, {4: "abcd", 7: "efg", 9: "hi"})
    assert numbers(labels) == {1: 9, 2: 4, 3: 7}
    assert labels["previous_cluster_id"].to_dict() == {4: 4, 7: 7, 9: 9}


def test_the_larger_part_of_a_split_keeps_the_number():
    labels = label({1: "abc", 2: "fgh", 3: "de"}, {1: "abcde", 2: "fgh"})
    assert numbers(labels) == {1: 1, 2: 2, 3: 3}
    assert labels["change"].to_dict() == {1: "kept", 2: "kept", 3: "split"}
    assert labels.loc[3, "previous_cluster_id"] == 1


def test_of_two_clusters_that_merge_the_larger_goes_on():
    labels = label({1: "abcde", 2: "fgh"}, {1: "ab", 2: "cde", 3: "fgh"})
    assert numbers(labels) == {1: 2, 2: 3}
    assert labels["change"].to_dict() == {1: "merged", 2: "kept", 3: "kept"}
    assert labels.loc[1, "merged_into"] == 2
    assert labels["merged_into"].isna().to_list() == [False, True, True]


def test_a_cluster_whose_stores_are_gone_is_retired():
    retired = label({1: "abc"}, {1: "de", 2: "abc"}).loc[1]
    assert retired["change"] == "retired"
    assert pd.isna(retired["cluster_number"])
    counts = retired[["stores_before", "stores_now", "shared_stores", "kept_stores"]]
    assert counts.to_list() == [2, 0, 0, 0]
    assert pd.isna(retired["retention"])


def test_a_cluster_whose_stores_are_dispersed_is_retired():
    before = {1: "abcd", 2: "efgh", 3: "ijkl", 4: "xyz"}
    labels = label({1: "abcdx", 2: "efghy", 3: "ijklz"}, before)
    assert labels.loc[4, "change"] == "retired"
    assert labels.loc[4, "shared_stores"] == 3
    assert labels.loc[4, "retention"] == 0


def test_half_of_its_stores_in_one_cluster_make_a_gone_one_merged():
    before = {1: "abcd", 2: "efgh", 3: "ijkl", 4: "wxyz"}
    labels = label({1: "abcdwx", 2: "efghy", 3: "ijklz"}, before)
    assert labels.loc[4, "change"] == "merged"
    assert labels.loc[4, "merged_into"] == 1


def test_a_third_of_its_stores_from_one_cluster_makes_a_new_one_split():
    before = {1: "abcdw", 2: "efghx", 3: "ijkly"}
    labels = label({1: "abcd", 2: "efgh", 3: "ijkl", 4: "wxy"}, before)
    assert labels.loc[4, "change"] == "split"
    assert labels.loc[4, "previous_cluster_id"] == 1


def test_a_cluster_of_stores_from_everywhere_is_new():
    before = {1: "abcdw", 2: "efghx", 3: "ijkly", 4: "mnopz"}
    labels = label({1: "abcd", 2: "efgh", 3: "ijkl", 4: "mnop", 5: "wxyz"}, before)
    assert labels.loc[5, "change"] == "new"
    assert pd.isna(labels.loc[5, "previous_cluster_id"])


def test_a_new_number_is_above_all_old_ones_even_those_of_clusters_that_are_gone():
    labels = label({1: "abc", 2: "uvw", 3: "xyz"}, {3: "abc", 8: "de"})
    assert numbers(labels) == {1: 3, 2: 9, 3: 10}
    assert labels["change"].to_dict() == {3: "kept", 8: "retired", 9: "new", 10: "new"}


def test_a_new_cluster_gets_no_number_that_people_wrote_about():
    before, now = {1: "abcd", 2: "efgh"}, {1: "abcd", 2: "ef", 3: "gh"}
    named = pd.DataFrame({"category": ["GIN", "GIN", "RUM"], "cluster_id": [2, 5, 90]})
    labels = continue_labels(run_of(now), run_of(before), named)
    assert labels["cluster_id"].tolist() == [1, 2, 6]
    without = continue_labels(run_of(now), run_of(before), named.head(0))
    assert without["cluster_id"].tolist() == [1, 2, 3]
    first = continue_labels(run_of(now), run_of({}), named)
    assert first["cluster_id"].tolist() == [1, 2, 3]


def number(now: dict[int, str], before: dict[int, str]) -> pd.DataFrame:
    """Return the numbered clusters of stores; the next best of 1 is 2."""
    stores = run_of(now).rename(columns={"cluster_id": "raw_cluster"})
    next_best = stores["raw_cluster"].map({1: 2}).astype("Int64")
    previous = run_of(before).rename(columns={"cluster_id": "matched_cluster"})
    return number_clusters(stores.assign(next_best_cluster=next_best), previous)


def test_stores_and_their_next_best_clusters_get_the_numbers_of_the_last_run():
    numbered = number({1: "ab", 2: "c"}, {5: "ab", 3: "c"})
    assert numbered["matched_cluster"].to_list() == [5, 5, 3]
    assert numbered["matched_next_best"].to_list() == [3, 3, pd.NA]
    assert numbered["raw_cluster"].to_list() == [1, 1, 2]


def test_a_number_is_of_one_category_alone():
    gin, rum = run_of({1: "ab", 2: "c"}), run_of({1: "ab", 2: "c"}, "RUM")
    stores = pd.concat([gin, rum], ignore_index=True)
    stores = stores.rename(columns={"cluster_id": "raw_cluster"})
    previous = run_of({7: "ab"}, "RUM").rename(
        columns={"cluster_id": "matched_cluster"}
    )
    numbered = number_clusters(stores.assign(next_best_cluster=pd.NA), previous)
    assert numbered["matched_cluster"].to_list() == [1, 1, 2, 7, 7, 8]


def test_no_clusters_at_all_are_numbered():
    numbered = number({}, {})
    assert numbered.empty
    assert {"matched_cluster", "matched_next_best"} <= set(numbered)


def test_stores_that_join_and_leave_count_in_sizes_but_not_in_retention():
    labels = label({1: "abcxy", 2: "efd"}, {1: "abcdz", 2: "ef"})
    counts = ["stores_before", "stores_now", "shared_stores", "kept_stores"]
    assert labels.loc[1, counts].to_list() == [5, 5, 4, 3]
    assert labels.loc[2, counts].to_list() == [2, 3, 2, 2]
    assert labels["retention"].to_list() == [0.75, 1.0]


def test_as_many_stores_as_possible_keep_their_cluster():
    """The best partner of each cluster on its own would leave 1 with nothing."""
    labels = label({1: "abcdefghi", 2: "jklm"}, {1: "abcdejklm", 2: "fghi"})
    assert numbers(labels) == {1: 2, 2: 1}
    assert labels["kept_stores"].sum() == 8


def test_of_equally_good_matches_the_most_alike_is_taken():
    labels = label({1: "vwxyz", 2: "abu", 3: "cd"}, {1: "abcd", 2: "uvwxyz"})
    assert numbers(labels) == {1: 2, 2: 3, 3: 1}


def test_the_first_of_indistinguishable_matches_is_taken():
    assert numbers(label({1: "ab", 2: "cd"}, {1: "ac", 2: "bd"})) == {1: 1, 2: 2}
    assert numbers(label({1: "ab", 2: "cd", 3: "ef"}, {5: "ace"}))[1] == 5
    assert numbers(label({1: "ace"}, {4: "ab", 5: "cd", 6: "ef"})) == {1: 4}


def test_the_order_of_rows_changes_nothing():
    now, before = run_of({1: "abuv", 2: "cdwx"}), run_of({1: "acux", 2: "bdvw"})
    shuffled = continue_labels(now.iloc[::-1], before.sample(frac=1, random_state=0))
    pd.testing.assert_frame_equal(shuffled, continue_labels(now, before))


def test_without_a_last_run_every_cluster_is_new_and_keeps_its_number():
    labels = label({1: "abc", 2: "de"}, {})
    assert numbers(labels) == {1: 1, 2: 2}
    assert set(labels["change"]) == {"new"}
    assert labels["retention"].isna().all()


def test_categories_that_come_and_go_do_not_touch_the_others():
    now = pd.concat([run_of({1: "ab"}), run_of({1: "ab", 2: "c"}, "RUM")])
    before = pd.concat([run_of({5: "ab"}), run_of({1: "ab"}, "WHISKEY")])
    labels = continue_labels(now, before).set_index(["category", "cluster_id"])
    assert labels["change"].to_dict() == {
        ("GIN", 5): "kept",
        ("RUM", 1): "new",
        ("RUM", 2): "new",
        ("WHISKEY", 1): "retired",
    }


def test_empty_input_gives_an_empty_typed_frame():
    empty = run_of({})
    labels = continue_labels(empty, empty)
    assert labels.empty
    filled = continue_labels(run_of({1: "ab"}), run_of({1: "ac"}))
    assert labels.dtypes.to_dict() == filled.dtypes.to_dict()


def test_a_store_in_two_clusters_of_one_category_is_refused():
    with pytest.raises(pd.errors.MergeError):
        continue_labels(run_of({1: "ab", 2: "b"}), run_of({1: "ab"}))


# Per store, its cluster before and now; 0 where it is not in the category.
RUNS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=30)


@settings(deadline=None)
@given(RUNS)
def test_every_cluster_has_one_number_and_as_many_stores_as_possible_keep_theirs(runs):
    stores = pd.DataFrame(runs, columns=["before", "now"], dtype=int)
    stores = stores.assign(store_id=stores.index.astype(str), category="GIN")
    before, now = (
        stores[stores[run] > 0].rename(columns={run: "cluster_id"})
        for run in ("before", "now")
    )
    labels = continue_labels(now, before)

    assert labels["cluster_id"].is_unique
    this_run = labels[labels["cluster_number"].notna()]
    assert sorted(this_run["cluster_number"]) == sorted(now["cluster_id"].unique())
    old = labels.loc[labels["stores_before"] > 0, "cluster_id"]
    assert sorted(old) == sorted(before["cluster_id"].unique())
    fresh = this_run.loc[this_run["change"] != "kept", "cluster_id"]
    assert set(fresh).isdisjoint(before["cluster_id"])

    assert labels["stores_before"].sum() == len(before)
    assert labels["stores_now"].sum() == len(now)
    in_both = stores[(stores["before"] > 0) & (stores["now"] > 0)]
    assert labels["shared_stores"].sum() == len(in_both)
    assert labels["kept_stores"].sum() == most_that_can_stay(in_both)


def most_that_can_stay(in_both: pd.DataFrame) -> int:
    """Try every one-to-one renumbering."""
    shared = np.zeros((5, 5), dtype=int)
    np.add.at(shared, (in_both["now"], in_both["before"]), 1)
    return max(shared[range(5), order].sum() for order in permutations(range(5)))


def test_the_tie_break_never_costs_a_store():
    """Pairs that are very alike do not outweigh one store more."""
    shared = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 100]])
    rows, columns = match_clusters(shared)
    assert shared[rows, columns].sum() == 102


def changes_of(now: dict[int, str], before: dict[int, str]) -> pd.DataFrame:
    """Return what became of the clusters of one category, by cluster_id."""
    return describe_changes(run_of(now), run_of(before)).set_index("cluster_id")


def test_a_number_that_goes_on_is_the_same_cluster_whoever_is_in_it():
    changes = changes_of({1: "abc", 2: "de"}, {1: "de", 2: "abc"})
    assert changes["change"].to_dict() == {1: "kept", 2: "kept"}
    assert changes["retention"].to_dict() == {1: 0, 2: 0}


def test_a_cluster_that_people_merged_is_merged_and_split_when_they_take_it_back():
    apart, together = {1: "abc", 2: "de", 3: "fg"}, {1: "abcde", 3: "fg"}
    merged = changes_of(together, apart)
    assert merged["change"].to_dict() == {1: "kept", 2: "merged", 3: "kept"}
    assert merged.loc[2, "merged_into"] == 1
    taken_back = changes_of(apart, together)
    assert taken_back["change"].to_dict() == {1: "kept", 2: "split", 3: "kept"}
    assert taken_back.loc[2, "previous_cluster_id"] == 1
    assert taken_back["kept_stores"].to_dict() == {1: 3, 2: 0, 3: 2}


@settings(deadline=None)
@given(RUNS)
def test_changes_of_numbers_that_follow_the_last_run_are_those_of_the_labels(runs):
    stores = pd.DataFrame(runs, columns=["before", "now"], dtype=int)
    stores = stores.assign(store_id=stores.index.astype(str), category="GIN")
    before, now = (
        stores[stores[run] > 0].rename(columns={run: "cluster_id"})
        for run in ("before", "now")
    )
    labels = continue_labels(now, before)
    numbers = labels.dropna(subset="cluster_number").set_index("cluster_number")
    followed = now.assign(cluster_id=now["cluster_id"].map(numbers["cluster_id"]))
    changes = describe_changes(followed, before)
    same = [column for column in labels if column != "cluster_number"]
    pd.testing.assert_frame_equal(changes[same], labels[same])
