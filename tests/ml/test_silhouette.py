"""Silhouette: equal to scikit-learn's, in one pass."""

import numpy as np
import pytest
from sklearn import metrics

from ml.silhouette import BLOCK_DISTANCES, silhouette_samples

KS = range(2, 11)


def random_labels(rows: int, k: int, *, seed: int) -> np.ndarray:
    """Return labels from 0 without gaps, shuffled."""
    rng = np.random.default_rng(seed)
    return rng.permutation(np.r_[np.arange(k), rng.integers(0, k, size=rows - k)])


def assert_as_in_scikit_learn(X: np.ndarray, labelings: list[np.ndarray]) -> None:
    widths = silhouette_samples(X, labelings)
    assert len(widths) == len(labelings)
    for width, labels in zip(widths, labelings, strict=True):
        expected = metrics.silhouette_samples(X, labels)
        np.testing.assert_allclose(width, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("width", [1, 2, 7])
def test_every_k_gives_what_scikit_learn_gives(width: int) -> None:
    X = np.random.default_rng(width).normal(size=(150, width))
    assert_as_in_scikit_learn(X, [random_labels(150, k, seed=k) for k in KS])


def test_labels_of_clusters_that_fit_the_data_do_too() -> None:
    truth = random_labels(150, 10, seed=0)
    X = 9 * truth[:, None] + np.random.default_rng(0).normal(size=(150, 3))
    assert_as_in_scikit_learn(X, [np.minimum(truth, k - 1) for k in KS])


def test_rows_alone_in_their_cluster_are_zero_as_in_scikit_learn() -> None:
    X = np.random.default_rng(0).normal(size=(60, 3))
    labelings = [np.minimum(np.arange(60), k - 1) for k in KS]
    assert_as_in_scikit_learn(X, labelings)
    assert silhouette_samples(X, labelings)[-1][:9].tolist() == [0] * 9


@pytest.mark.parametrize("k", KS)
def test_duplicated_points_give_what_scikit_learn_gives(k: int) -> None:
    X = np.random.default_rng(k).normal(size=(12, 2)).repeat(10, axis=0)
    own = np.arange(120) // 10 % k
    assert_as_in_scikit_learn(X, [own, random_labels(120, k, seed=k)])


def test_clusters_of_one_point_each_are_perfect() -> None:
    X = np.array([[0.0], [0.0], [5.0], [5.0]])
    widths = silhouette_samples(X, [np.array([0, 0, 1, 1])])[0]
    assert widths.tolist() == [1, 1, 1, 1]


def test_rows_that_are_all_alike_are_zero() -> None:
    widths = silhouette_samples(np.ones((6, 2)), [np.array([0, 0, 1, 1, 2, 2])])[0]
    assert widths.tolist() == [0] * 6


def test_distances_in_several_blocks_give_the_same() -> None:
    rows = round(1.7 * np.sqrt(BLOCK_DISTANCES))
    X = np.random.default_rng(0).normal(size=(rows, 4))
    assert_as_in_scikit_learn(X, [random_labels(rows, k, seed=k) for k in (2, 9)])


def test_one_cluster_is_zero_everywhere_and_leaves_others_alone() -> None:
    X = np.random.default_rng(0).normal(size=(30, 2))
    labels = random_labels(30, 4, seed=0)
    one, four = silhouette_samples(X, [np.zeros(30, dtype=int), labels])
    assert not one.any()
    np.testing.assert_allclose(four, metrics.silhouette_samples(X, labels))


def test_labelings_side_by_side_do_not_mix() -> None:
    X = np.random.default_rng(0).normal(size=(80, 2))
    labelings = [random_labels(80, k, seed=k) for k in (9, 2, 5)]
    together = silhouette_samples(X, labelings)
    alone = [silhouette_samples(X, [labels])[0] for labels in labelings]
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-12)
