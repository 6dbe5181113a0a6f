"""Reference: what a clustering scores if there is nothing to find."""

import numpy as np
import pytest

from ml.algorithms import ALGORITHMS, cluster
from ml.null import Null
from ml.reference import MOST_ROWS, Reference, reference_silhouettes
from ml.settings import Fit
from ml.silhouette import silhouette_samples

ALGORITHM = {
    "algorithm": "kmeans",
    "n_init": 2,
    "min_cluster_size": 5,
    "random_state": 0,
}


def normal(rows: int, *spreads: float, seed: int = 0) -> np.ndarray:
    cloud = np.random.default_rng(seed).normal(size=(rows, len(spreads)))
    return cloud * spreads


def reference_of(X: np.ndarray, ks: list[int], **settings: str) -> Reference:
    """Return the references of all ``ks`` as one, of arrays."""
    null = Null(X, np.eye(X.shape[1]), np.zeros(X.shape[1], dtype=int))
    rows = reference_silhouettes(null, ks, Fit(**ALGORITHM | settings))
    return Reference(*np.array(rows).T)


def silhouettes(X: np.ndarray, ks: list[int]) -> np.ndarray:
    labelings = [cluster(X, k, Fit(**ALGORITHM)).labels for k in ks]
    return np.mean(silhouette_samples(X, labelings), axis=1)


@pytest.mark.parametrize("spreads", [(1,), (1, 1), (3, 1), (1, 1, 1, 1, 1)])
def test_a_normal_cloud_scores_its_reference(spreads: tuple[float, ...]) -> None:
    X = normal(200, *spreads, seed=5)
    reference = reference_of(X, [2, 3, 5])
    found = silhouettes(X, [2, 3, 5])
    np.testing.assert_allclose(found, reference.mean, atol=0.06)
    assert (found < reference.silhouette).all()


def test_groups_score_more_than_their_reference() -> None:
    groups = normal(200, 1, 1) + 12 * (np.arange(200)[:, None] % 4)
    reference = reference_of(groups, [2, 4])
    found = silhouettes(groups, [2, 4])
    assert (found > reference.mean + 0.1).all()
    assert (found > reference.silhouette).all()


def test_the_reference_is_higher_than_what_clouds_score_on_average() -> None:
    clouds = [normal(100, 1, 1, seed=seed) for seed in range(6)]
    scores = np.mean([silhouettes(cloud, [2, 6]) for cloud in clouds], axis=0)
    bounds = [reference_of(cloud, [2, 6]).silhouette for cloud in clouds]
    assert (np.mean(bounds, axis=0) > scores + 0.005).all()


@pytest.mark.parametrize("unit", [0.001, 1000])
def test_the_unit_does_not_matter(unit: float) -> None:
    X = normal(90, 2, 1)
    np.testing.assert_allclose(
        reference_of(unit * X, [2, 3]),
        reference_of(X, [2, 3]),
    )


def test_the_order_of_rows_does_not_matter() -> None:
    X = normal(90, 2, 1)
    np.testing.assert_allclose(
        reference_of(X[::-1], [2, 3]),
        reference_of(X, [2, 3]),
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_has_a_reference(algorithm: str) -> None:
    reference = reference_of(normal(60, 1, 1), [2, 3], algorithm=algorithm)
    assert reference.mean.shape == (2,)
    assert (np.abs(reference.mean) < 0.7).all()


def test_more_clusters_than_a_cloud_has_rows_are_as_many_as_it_has() -> None:
    X = normal(MOST_ROWS + 50, 1)
    reference = reference_of(X, [MOST_ROWS + 20], algorithm="agglomerative")
    assert reference.mean.tolist() == [0.0]


@pytest.mark.parametrize("rows", [2, 3])
def test_few_rows_have_a_reference(rows: int) -> None:
    assert np.isfinite(reference_of(normal(rows, 1), [2])).all()
