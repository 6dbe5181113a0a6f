"""Placement: distances, silhouettes and the next best cluster, under any numbers."""

import numpy as np
from scipy.spatial.distance import cdist
from sklearn import metrics

from ml.cluster import centroids, place_stores


def test_stores_are_placed_as_scikit_learn_and_scipy_measure_them() -> None:
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(40, 3)), rng.choice([2, 5, 9], size=40)
    placed = place_stores(X, labels)
    names = np.array([2, 5, 9])
    distances = cdist(X, centroids(X, labels, names))
    is_own = labels[:, None] == names
    np.testing.assert_array_equal(placed["distance_to_centroid"], distances[is_own])
    distances[is_own] = np.inf
    np.testing.assert_array_equal(placed["next_best_distance"], distances.min(axis=1))
    np.testing.assert_array_equal(
        placed["next_best_cluster"], names[distances.argmin(axis=1)]
    )
    np.testing.assert_allclose(
        placed["silhouette"], metrics.silhouette_samples(X, labels), atol=1e-8
    )


def test_numbers_with_gaps_place_stores_as_numbers_without() -> None:
    rng = np.random.default_rng(1)
    X, labels = rng.normal(size=(30, 2)), rng.integers(1, 4, size=30)
    near, far = place_stores(X, labels), place_stores(X, labels * 10)
    np.testing.assert_array_equal(
        near.pop("next_best_cluster") * 10, far.pop("next_best_cluster")
    )
    for name, values in near.items():
        np.testing.assert_array_equal(values, far[name])


def test_one_cluster_has_no_next_best() -> None:
    placed = place_stores(np.array([[0.0], [4.0]]), np.array([6, 6]))
    assert placed["distance_to_centroid"].tolist() == [2, 2]
    assert placed["silhouette"] is None
    assert placed["next_best_cluster"] is None
    assert placed["next_best_distance"] is None
