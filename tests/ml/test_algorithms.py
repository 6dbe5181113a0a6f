"""Algorithms: obvious groups are found, and labels are complete."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from ml.algorithms import ALGORITHMS, Clustering, cluster
from ml.settings import Fit

TRUTH = np.repeat(np.arange(5), 20)
X = 20 * TRUTH[:, None] + np.random.default_rng(0).normal(size=(100, 2))
CLOUD = np.random.default_rng(1).normal(size=(200, 3))
SETTINGS = {"n_init": 3, "min_cluster_size": 5, "random_state": 0}

every_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS)
with_given_k = pytest.mark.parametrize(
    "algorithm", [name for name in ALGORITHMS if name != "hdbscan"]
)


def find(
    X: np.ndarray, k: int, *, algorithm: str = "kmeans", **settings: int
) -> Clustering:
    return cluster(X, k, Fit(algorithm=algorithm, **SETTINGS | settings))


def assert_complete(labels: np.ndarray) -> None:
    """Labels are whole numbers from 0 without gaps."""
    assert np.unique(labels).tolist() == list(range(labels.max() + 1))


@every_algorithm
@pytest.mark.parametrize("unit", [1e-4, 1, 1e4])
def test_separate_groups_are_found_in_any_unit(algorithm: str, unit: float) -> None:
    found = find(unit * X, 5, algorithm=algorithm)
    assert adjusted_rand_score(TRUTH, found.labels) == 1
    assert_complete(found.labels)
    assert not found.is_noise.any()


@every_algorithm
def test_groups_of_unequal_size_are_found(algorithm: str) -> None:
    rows = np.r_[0:20, 20:28, 40:60, 60:66]
    found = find(X[rows], 4, algorithm=algorithm)
    assert adjusted_rand_score(TRUTH[rows], found.labels) == 1


@with_given_k
@pytest.mark.parametrize("k", [2, 5, 9])
def test_as_many_clusters_as_wanted_are_found(algorithm: str, k: int) -> None:
    labels = find(CLOUD, k, algorithm=algorithm).labels
    assert_complete(labels)
    assert labels.max() + 1 == k
    assert labels.shape == (200,)


@every_algorithm
def test_one_seed_gives_one_answer(algorithm: str) -> None:
    first, second = (find(CLOUD, 7, algorithm=algorithm) for _ in range(2))
    np.testing.assert_array_equal(first.labels, second.labels)
    np.testing.assert_array_equal(first.is_noise, second.is_noise)


@every_algorithm
@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_one_cluster_holds_every_row(algorithm: str, rows: int) -> None:
    found = find(X[:rows], 1, algorithm=algorithm)
    assert found.labels.tolist() == [0] * rows
    assert not found.is_noise.any()


@with_given_k
@pytest.mark.parametrize("rows", [2, 3])
def test_tiny_input_is_split(algorithm: str, rows: int) -> None:
    labels = find(X[::40][:rows], 2, algorithm=algorithm).labels
    assert np.unique(labels).tolist() == [0, 1]


@every_algorithm
@pytest.mark.parametrize("rows", [2, 3])
def test_rows_that_are_all_alike_do_not_end_the_run(algorithm: str, rows: int) -> None:
    assert_complete(find(np.full((rows, 3), 0.1), 2, algorithm=algorithm).labels)


@with_given_k
@pytest.mark.parametrize("place", [0.0, 0.1, 100.0])
def test_equal_rows_are_in_one_cluster(algorithm: str, place: float) -> None:
    equal = np.array([[0.0, 0.3], [1.0, 0.1], [5.0, 0.7]]).repeat(8, axis=0) + place
    labels = find(equal, 3, algorithm=algorithm).labels
    assert adjusted_rand_score(np.arange(3).repeat(8), labels) == 1


@every_algorithm
@pytest.mark.parametrize("k", [4, 9])
def test_fewer_different_rows_than_clusters_do_not_end_the_run(
    algorithm: str, k: int
) -> None:
    equal = np.array([[0.0, 0.3], [1.0, 0.1], [5.0, 0.7]]).repeat(8, axis=0)
    labels = find(equal, k, algorithm=algorithm).labels
    assert_complete(labels)
    assert 3 <= labels.max() + 1 <= k


@pytest.mark.parametrize("algorithm", ["kmeans", "minibatch_kmeans", "gmm"])
def test_more_starts_are_never_worse(algorithm: str) -> None:
    one, many = (
        within_variance(CLOUD, find(CLOUD, 8, algorithm=algorithm, n_init=n_init))
        for n_init in (1, 20)
    )
    assert many != one
    if algorithm == "kmeans":
        assert many < one


def within_variance(X: np.ndarray, found: Clustering) -> float:
    groups = (X[found.labels == label] for label in np.unique(found.labels))
    return sum(((group - group.mean(axis=0)) ** 2).sum() for group in groups)


def test_hdbscan_finds_the_number_of_clusters_itself() -> None:
    labels = find(X, 2, algorithm="hdbscan").labels
    assert adjusted_rand_score(TRUTH, labels) == 1


def test_hdbscan_gives_noise_the_label_that_the_others_suggest() -> None:
    lone = np.array([[-50.0, -60.0], [150.0, 140.0]])
    found = find(np.vstack([X, lone]), 2, algorithm="hdbscan")
    assert found.is_noise.nonzero()[0].tolist() == [100, 101]
    assert_complete(found.labels)
    assert found.labels[100] == found.labels[0]
    assert found.labels[101] == found.labels[99]


def test_where_all_is_noise_there_is_one_cluster() -> None:
    found = find(CLOUD[:12], 3, algorithm="hdbscan", min_cluster_size=6)
    assert found.labels.tolist() == [0] * 12
    assert found.is_noise.all()


def test_only_hdbscan_leaves_rows_out() -> None:
    wild = np.random.default_rng(0).standard_cauchy(size=(80, 2))
    for algorithm in set(ALGORITHMS) - {"hdbscan"}:
        assert not find(wild, 3, algorithm=algorithm).is_noise.any()
    assert find(wild, 3, algorithm="hdbscan").is_noise.any()


@pytest.mark.parametrize("k", [-1, 0, 101])
def test_a_k_that_the_rows_do_not_allow_is_refused(k: int) -> None:
    message = f"got k={k} for 100 stores, expected from 1 to 100"
    with pytest.raises(ValueError, match=message):
        find(X, k)
