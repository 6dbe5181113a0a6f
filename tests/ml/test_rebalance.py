"""Rebalance: every cluster large enough, or alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from ml.merge import merge_small
from ml.settings import FinalSizes
from ml.sizes import cluster_size_floor, rebalance, rebalance_by_value

CASES = 400


def random_case(seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Return stores, uneven labels and a minimum size; every tenth has duplicates."""
    rng = np.random.default_rng(seed)
    stores, clusters = rng.integers(1, 70), rng.integers(1, 12)
    shares = rng.dirichlet(np.full(clusters, rng.choice([0.3, 1, 10])))
    numbers = rng.choice(clusters, size=stores, p=shares)
    labels = np.array([f"{number // 3 + 1}-{number % 3 + 1}" for number in numbers])
    X = rng.normal(size=(stores, rng.integers(1, 5)))
    return X.round() if seed % 10 == 0 else X, labels, int(rng.integers(1, 30))


def sizes_of(labels: np.ndarray) -> dict[str, int]:
    return dict(zip(*np.unique(labels, return_counts=True), strict=True))


def centroids(X: np.ndarray, labels: np.ndarray, names: list[str]) -> np.ndarray:
    return np.array([X[labels == name].mean(axis=0) for name in names])


@pytest.fixture(scope="module")
def cases() -> list[tuple[np.ndarray, np.ndarray, int, np.ndarray]]:
    """Random cases, each with what became of it."""
    return [
        (X, before, least, rebalance(X, before, floor=least, mode="store"))
        for X, before, least in map(random_case, range(CASES))
    ]


Cases = list[tuple[np.ndarray, np.ndarray, int, np.ndarray]]


def test_cases_are_of_every_kind(cases: Cases) -> None:
    largest = [max(sizes_of(before).values()) for _, before, _, _ in cases]
    smallest = [min(sizes_of(before).values()) for _, before, _, _ in cases]
    least = [least for _, _, least, _ in cases]
    none_large, all_large = np.less(largest, least), np.greater_equal(smallest, least)
    assert none_large.sum() > 50
    assert all_large.sum() > 20
    assert (~none_large & ~all_large).sum() > 50


def test_every_cluster_is_large_enough_or_alone(cases: Cases) -> None:
    for _, _, least, after in cases:
        sizes = sizes_of(after)
        assert len(sizes) == 1 or min(sizes.values()) >= least


def test_no_cluster_is_made_up(cases: Cases) -> None:
    for _, before, _, after in cases:
        assert set(after) <= set(before)
        assert len(after) == len(before)


def test_stores_of_large_clusters_never_move(cases: Cases) -> None:
    for _, before, least, after in cases:
        large = [name for name, size in sizes_of(before).items() if size >= least]
        stay = np.isin(before, large)
        assert (after[stay] == before[stay]).all()


def test_as_many_clusters_are_left_as_step_by_step_merging_leaves() -> None:
    for X, before, least in map(random_case, range(CASES)):
        wanted = len(set(merge_small(X, before, floor=least)))
        for mode in ("store", "cluster"):
            after = rebalance(X, before, floor=least, mode=mode)
            assert len(sizes_of(after)) == wanted


@settings(max_examples=200, deadline=None)
@given(
    sizes=st.lists(st.integers(2, 14), min_size=4, max_size=12),
    place=st.integers(0, 11),
    seed=st.integers(0, 1000),
)
def test_one_store_more_never_halves_the_number_of_clusters(
    sizes: list[int], place: int, seed: int
) -> None:
    counts = []
    for more in (0, 1):
        grown = np.array(sizes)
        grown[place % len(sizes)] += more
        X, labels = blobs(grown, seed=seed)
        after = rebalance(X, labels, floor=10, mode="store")
        counts.append(len(sizes_of(after)))
    assert counts[1] > counts[0] / 2
    assert counts[0] > counts[1] / 2


@pytest.mark.parametrize("stores", [45, 60, 80, 90, 100, 110])
def test_chains_of_any_size_keep_clusters_to_plan_with(stores: int) -> None:
    sizes = FinalSizes(
        min_cluster_size=10, min_cluster_share=0.03, max_size_floor_share=0.1
    )
    floor = cluster_size_floor(stores, sizes)
    largest = []
    for seed in range(40):
        cells = np.random.default_rng(seed).integers(0, 12, size=stores)
        X, labels = blobs(np.bincount(cells, minlength=12), seed=seed)
        sizes = sizes_of(rebalance(X, labels, floor=floor, mode="store")).values()
        assert len(sizes) >= 4
        largest.append(max(sizes) / stores)
    assert np.median(largest) < 0.4


def blobs(sizes: np.ndarray, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return stores around the places of a 3 by 4 grid, and their labels."""
    grid = np.array(
        [[10.0 * row, 10.0 * column] for row in range(3) for column in range(4)]
    )
    cells = np.repeat(np.arange(len(sizes)), sizes)
    noise = np.random.default_rng(seed).normal(0, 0.3, size=(len(cells), 2))
    return grid[cells] + noise, np.char.mod("%02d", cells)


def test_a_store_that_joined_a_large_cluster_goes_where_it_is_nearest(
    cases: Cases,
) -> None:
    moved = 0
    for X, before, least, after in cases:
        joined = merge_small(X, before, floor=least)
        large = [name for name, size in sizes_of(before).items() if size >= least]
        free = np.isin(joined, large) & (joined != before)
        if not free.any():
            continue
        names = list(sizes_of(joined))
        centers = centroids(X[~free], joined[~free], names)
        distances = cdist(X[free], centers)
        reached = distances[
            np.arange(free.sum()), [names.index(n) for n in after[free]]
        ]
        np.testing.assert_allclose(reached, distances.min(axis=1))
        moved += free.sum()
    assert moved > 500


def test_a_second_time_changes_nothing(cases: Cases) -> None:
    for X, _, least, after in cases:
        again = rebalance(X, after, floor=least, mode="store")
        assert again.tolist() == after.tolist()


def test_the_input_is_left_as_it_is() -> None:
    X, before, _ = random_case(1)
    copy = before.copy()
    rebalance(X, before, floor=30, mode="store")
    assert before.tolist() == copy.tolist()


def test_clusters_that_are_all_large_stay_even_where_they_overlap() -> None:
    labels = np.array(list("ababab"))
    after = rebalance(np.zeros((6, 1)), labels, floor=3, mode="store")
    assert after.tolist() == labels.tolist()


def test_where_none_is_large_the_smallest_joins_its_nearest() -> None:
    X = np.array([[0.0], [1], [2], [10], [11], [2.6], [12], [13]])
    labels = np.array(list("aaabbcbb"))
    after = rebalance(X, labels, floor=4, mode="store")
    assert after.tolist() == list("aaaabbbb")[:3] + list("bbabb")


def test_where_none_is_large_one_is_left_if_the_stores_are_too_few() -> None:
    X, labels = np.arange(6.0).reshape(-1, 1), np.array(list("aabbcc"))
    assert len(sizes_of(rebalance(X, labels, floor=99, mode="store"))) == 1


def test_the_stores_of_a_small_cluster_stay_together_where_clusters_move() -> None:
    split = 0
    for X, before, least in map(random_case, range(CASES)):
        after = rebalance(X, before, floor=least, mode="cluster")
        one_by_one = rebalance(X, before, floor=least, mode="store")
        for name in set(before):
            assert len(set(after[before == name])) == 1
            split += len(set(one_by_one[before == name])) > 1
    assert split > 100


def test_merging_goes_on_until_a_cluster_is_large() -> None:
    X = np.array([0, 0, 0.5, 0.5, 1.2, 1.2, 9, 9]).reshape(-1, 1)
    labels = np.array(list("aabbccdd"))
    after = rebalance(X, labels, floor=5, mode="store")
    # a joins b, which is still too small, and so on
    assert len(sizes_of(after)) == 1


def test_where_none_is_large_places_far_apart_stay_apart() -> None:
    X = np.repeat([[0.0], [1.0], [100.0], [101.0]], 9, axis=0)
    after = rebalance(X, np.repeat(list("abcd"), 9), floor=10, mode="store")
    assert sizes_of(after) == {"a": 18, "c": 18}


def by_value_case(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return a random case whose labels end in a value, of few or of many stores."""
    X, labels, least = random_case(seed)
    rng = np.random.default_rng(seed)
    values = rng.choice(["N", "S", "W"], size=len(X), p=[0.6, 0.3, 0.1])
    return X, np.char.add(labels, np.char.add("-", values)), values, least


@pytest.mark.parametrize("mode", ["store", "cluster"])
def test_a_value_with_enough_stores_keeps_them_to_itself(mode: str) -> None:
    kept = 0
    for X, before, values, least in map(by_value_case, range(CASES)):
        after = rebalance_by_value(X, before, values, floor=least, mode=mode)
        sizes = sizes_of(after)
        assert len(sizes) == 1 or min(sizes.values()) >= least
        for value, stores in sizes_of(values).items():
            went_to = {name.split("-")[-1] for name in after[values == value]}
            if stores >= least:
                assert went_to == {value}
                kept += 1
    assert kept > 100


def test_small_labels_join_a_label_of_their_value_even_if_another_is_nearer() -> None:
    X = np.array([[0.0], [1.0], [9.0], [10.0], [8.0]])
    labels, values = np.array(list("aabbc")), np.array(list("NNSSN"))
    after = rebalance_by_value(X, labels, values, floor=2, mode="store")
    assert after.tolist() == list("aabba")


def test_small_labels_of_a_value_make_a_large_one_together() -> None:
    X = np.array([[0.0], [1.0], [9.0], [10.0]])
    labels, values = np.array(list("aabc")), np.array(list("NNSS"))
    after = rebalance_by_value(X, labels, values, floor=2, mode="store")
    assert after.tolist() == list("aabb")
