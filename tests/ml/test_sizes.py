"""Sizes: a floor by count and share, and parts that fill a maximum."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from ml.settings import FinalSizes
from ml.sizes import (
    assign_within,
    cluster_size_floor,
    constrained_kmeans,
    split_large,
)

SEEDS = {"n_init": 2, "random_state": 42}


@pytest.mark.parametrize(
    ("stores", "share", "floor"),
    [(100, 0.07, 10), (300, 0.07, 21), (301, 0.07, 22), (1781, 0.03, 54), (7, 0, 1)],
)
def test_the_floor_is_the_larger_of_count_and_share(
    stores: int, share: float, floor: int
) -> None:
    sizes = FinalSizes(
        min_cluster_size=10, min_cluster_share=share, max_size_floor_share=0.1
    )
    assert cluster_size_floor(stores, sizes) == floor


@given(stores=st.integers(1, 1000))
def test_one_store_more_never_raises_the_floor_by_more_than_one(stores: int) -> None:
    sizes = FinalSizes(
        min_cluster_size=10, min_cluster_share=0.03, max_size_floor_share=0.1
    )
    before, after = (cluster_size_floor(count, sizes) for count in (stores, stores + 1))
    assert before <= after <= before + 1


@given(stores=st.integers(1, 10_000), thousandths=st.integers(0, 1000))
def test_a_share_is_counted_as_it_is_written(stores: int, thousandths: int) -> None:
    sizes = FinalSizes.model_construct(
        min_cluster_size=1,
        min_cluster_share=thousandths / 1000,
        max_size_floor_share=1,
    )
    floor = cluster_size_floor(stores, sizes)
    assert floor == max(1, -(-thousandths * stores // 1000))


@st.composite
def split_cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Return rows (with duplicates), labels, a floor and a maximum."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    rows, clusters = draw(st.integers(1, 80)), draw(st.integers(1, 4))
    floor = draw(st.integers(1, 12))
    maximum = draw(st.integers(2 * floor, 2 * floor + 10))
    spread = draw(st.sampled_from([0.0, 1.0, 1e4]))
    X = (spread * rng.normal(size=(rows, draw(st.integers(1, 3))))).round(1)
    return X, rng.integers(0, clusters, size=rows), floor, maximum


@given(case=split_cases())
@settings(max_examples=60, deadline=None)
def test_parts_lie_between_the_floor_and_the_maximum(
    case: tuple[np.ndarray, np.ndarray, int, int],
) -> None:
    X, labels, floor, maximum = case
    parts = split_large(X, labels, floor=floor, max_cluster_size=maximum, **SEEDS)
    for label in np.unique(labels):
        own = parts[labels == label]
        sizes = np.unique(own, return_counts=True)[1]
        assert not np.isin(own, parts[labels != label]).any()
        assert len(sizes) == -(-len(own) // maximum)
        assert sizes.max() <= maximum
        assert len(sizes) == 1 or sizes.min() >= floor


def test_no_maximum_splits_nothing() -> None:
    labels = np.array(list("aaaaab"))
    parts = split_large(
        np.arange(6.0).reshape(-1, 1), labels, floor=1, max_cluster_size=0, **SEEDS
    )
    assert parts.tolist() == [0] * 5 + [1]


def test_a_maximum_below_twice_the_floor_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 0 or at least 20"):
        split_large(
            np.zeros((3, 1)), np.zeros(3), floor=10, max_cluster_size=19, **SEEDS
        )


def test_groups_that_fit_the_sizes_are_found() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat([0, 1, 2], [30, 20, 10])
    X = 50.0 * groups[:, None] + rng.normal(size=(60, 2))
    labels = constrained_kmeans(X, 3, smallest=10, largest=30, **SEEDS)
    assert {tuple(set(labels[groups == group])) for group in range(3)} == {
        (0,),
        (1,),
        (2,),
    }


def test_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(120, 4))
    sizes = {"smallest": 20, "largest": 45}
    expected = constrained_kmeans(X, 3, **sizes, **SEEDS)
    order = rng.permutation(120)
    shuffled = constrained_kmeans(X[order], 3, **sizes, **SEEDS)
    assert shuffled.tolist() == expected[order].tolist()


@pytest.mark.parametrize("seed", range(20))
def test_no_assignment_within_the_sizes_costs_less(seed: int) -> None:
    costs = np.random.default_rng(seed).uniform(size=(7, 3))
    labels = assign_within(costs, smallest=2, largest=3)
    totals = [
        costs[np.arange(7), list(other)].sum()
        for other in itertools.product(range(3), repeat=7)
        if set(np.bincount(other, minlength=3)) <= {2, 3}
    ]
    assert costs[np.arange(7), labels].sum() == pytest.approx(min(totals))


def test_without_limits_that_bind_each_row_takes_its_cheapest_column() -> None:
    costs = np.random.default_rng(0).uniform(size=(200, 6))
    labels = assign_within(costs, smallest=1, largest=200)
    assert labels.tolist() == costs.argmin(axis=1).tolist()


@pytest.mark.parametrize(("smallest", "largest"), [(4, 9), (1, 3)])
def test_sizes_that_do_not_add_up_are_refused(smallest: int, largest: int) -> None:
    with pytest.raises(ValueError, match="got 7 rows for 2 clusters"):
        assign_within(np.zeros((7, 2)), smallest=smallest, largest=largest)


def test_centroids_and_assignment_fit_each_other() -> None:
    """No other assignment to the parts' own centroids is nearer by 1 % or more."""
    X = np.random.default_rng(2).normal(size=(300, 3))
    labels = constrained_kmeans(X, 4, smallest=60, largest=80, **SEEDS)
    centroids = np.array([X[labels == part].mean(axis=0) for part in range(4)])
    costs = cdist(X, centroids, "sqeuclidean")
    best = assign_within(costs, smallest=60, largest=80)
    total = costs[np.arange(300), labels].sum()
    assert total <= 1.01 * costs[np.arange(300), best].sum()
