"""Ward: the clusters that scipy cuts the same tree into."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import adjusted_rand_score

from ml.ward import ward_clusters


@pytest.mark.parametrize("rows", [2, 3, 9, 80])
@pytest.mark.parametrize("seed", range(3))
def test_clusters_are_those_of_scipy(rows: int, seed: int) -> None:
    X = np.random.default_rng(seed).normal(size=(rows, 3))
    tree = linkage(X, "ward")
    for k, labels in ward_clusters(X, range(1, rows + 1)).items():
        expected = fcluster(tree, k, "maxclust")
        assert adjusted_rand_score(expected, labels) == 1
        assert np.unique(labels).tolist() == list(range(k))


def test_rows_alike_are_told_apart_where_as_many_clusters_are_wanted() -> None:
    assert np.unique(ward_clusters(np.zeros((5, 1)), [4])[4]).tolist() == [0, 1, 2, 3]


def test_only_the_numbers_wanted_are_returned() -> None:
    X = np.arange(6.0).reshape(-1, 1)
    assert list(ward_clusters(X, [5, 2, 2])) == [2, 5]
