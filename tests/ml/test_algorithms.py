"""K-means: one place, clear limits."""

import numpy as np
import pytest
from ml.kmeans import fit_kmeans
from sklearn.metrics import adjusted_rand_score

TRUTH = np.repeat(np.arange(5), 20)
X = 20 * TRUTH[:, None] + np.random.default_rng(0).normal(size=(100, 2))


def test_separate_groups_are_found() -> None:
    labels = fit_kmeans(X, 5, n_init=10, random_state=0).labels_
    assert adjusted_rand_score(TRUTH, labels) == 1


def test_more_starts_are_never_worse() -> None:
    crowded = np.random.default_rng(1).normal(size=(200, 3))
    one, ten = (
        fit_kmeans(crowded, 8, n_init=n_init, random_state=0).inertia_
        for n_init in (1, 10)
    )
    assert ten < one


def test_one_seed_gives_one_answer() -> None:
    first, second = (
        fit_kmeans(X, 7, n_init=2, random_state=3).cluster_centers_ for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("k", [1, 3])
def test_as_many_clusters_as_rows_are_allowed(k: int) -> None:
    labels = fit_kmeans(X[::40], k, n_init=1, random_state=0).labels_
    assert len(set(labels)) == k


@pytest.mark.parametrize("k", [-1, 0, 101])
def test_a_k_that_the_rows_do_not_allow_is_refused(k: int) -> None:
    message = f"got k={k} for 100 stores, expected from 1 to 100"
    with pytest.raises(ValueError, match=message):
        fit_kmeans(X, k, n_init=1, random_state=0)
