"""Merge: many clusters become few, each step at the least loss."""

import itertools

import numpy as np
import pytest

from ml.merge import explained_variance, merge_path, ward_costs


def spread(X: np.ndarray, labels: np.ndarray) -> float:
    """Return the squared distances of all rows to the mean of their cluster."""
    return sum(
        ((X[labels == label] - X[labels == label].mean(axis=0)) ** 2).sum()
        for label in np.unique(labels)
    )


def drawn(seed: int, *, clusters: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(80) % clusters)
    return rng.normal(size=(80, 3)) + 4 * rng.normal(size=(clusters, 3))[labels], labels


@pytest.mark.parametrize("seed", range(5))
def test_the_cost_is_what_merging_adds_to_the_squared_distances(seed: int) -> None:
    X, labels = drawn(seed)
    centers = np.array([X[labels == label].mean(axis=0) for label in range(7)])
    costs = ward_costs(centers, np.bincount(labels))
    for one, other in itertools.combinations(range(7), 2):
        both = np.where(labels == other, one, labels)
        assert costs[one, other] == pytest.approx(spread(X, both) - spread(X, labels))


@pytest.mark.parametrize("seed", range(5))
def test_each_step_is_the_cheapest_merger_of_the_one_before(seed: int) -> None:
    X, leaves = drawn(seed)
    path = merge_path(X, leaves, np.zeros(80), longest=7)
    assert [len(np.unique(step)) for step in path.T] == [1, 2, 3, 4, 5, 6, 7]
    for fewer, more in itertools.pairwise(path.T):
        mergers = [
            spread(X, np.where(more == other, one, more))
            for one, other in itertools.combinations(np.unique(more), 2)
        ]
        assert spread(X, fewer) == pytest.approx(min(mergers))
        assert len({*zip(more, fewer, strict=True)}) == len(np.unique(more))


def test_every_step_is_numbered_from_the_largest() -> None:
    X, leaves = drawn(1)
    for step in merge_path(X, leaves, np.zeros(80), longest=7).T:
        sizes = np.bincount(step)[1:]
        assert (np.diff(sizes) <= 0).all()


def test_clusters_of_different_groups_are_never_merged() -> None:
    X, leaves = drawn(2)
    groups = leaves % 3
    path = merge_path(X, leaves, groups, longest=5)
    assert not path[:, :2].any()
    for step in path[:, 2:].T:
        assert len({*zip(step, groups, strict=True)}) == len(np.unique(step))


def test_more_groups_than_wanted_leave_as_many_clusters_as_groups() -> None:
    X, leaves = drawn(3)
    path = merge_path(X, leaves, leaves, longest=2)
    assert path.shape == (80, 7)
    assert not path[:, :6].any()


def test_explained_variance_grows_with_the_number_of_clusters_up_to_one() -> None:
    X, leaves = drawn(4)
    path = merge_path(X, leaves, np.zeros(80), longest=7)
    explained = [explained_variance(X, step) for step in path.T]
    assert explained[0] == 0
    assert (np.diff(explained) > 0).all()
    assert explained_variance(X, np.arange(80)) == 1
    assert explained_variance(np.ones((5, 2)), np.arange(5)) == 0
