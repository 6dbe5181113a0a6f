"""Canonical: labels that depend on the clusters alone."""

import numpy as np

from ml.canonical import canonical_labels


def canonical(labels: list[int] | list[str], *uncounted: int) -> list[int]:
    counted = ~np.isin(np.arange(len(labels)), uncounted)
    return canonical_labels(np.array(labels), counted=counted).tolist()


def test_the_largest_cluster_is_number_one() -> None:
    assert canonical([4, 9, 9, 4, 9, 2]) == [2, 1, 1, 2, 1, 3]


def test_clusters_of_one_size_are_in_the_order_of_their_first_rows() -> None:
    assert canonical([8, 3, 5, 5, 3, 8]) == [1, 2, 3, 3, 2, 1]


def test_rows_that_do_not_count_get_labels_but_give_no_size() -> None:
    assert canonical([1, 1, 1, 2, 2], 0, 1) == [2, 2, 2, 1, 1]


def test_a_cluster_of_rows_that_do_not_count_comes_last() -> None:
    assert canonical([1, 1, 2], 0, 1) == [2, 2, 1]


def test_labels_may_be_text() -> None:
    assert canonical(["2-1", "1-1", "1-1"]) == [2, 1, 1]


def test_no_rows_have_no_labels() -> None:
    assert canonical([]) == []


def test_other_names_for_the_same_clusters_change_nothing() -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        labels = rng.integers(0, 6, size=30)
        renamed = rng.permutation(6)[labels]
        assert canonical(labels.tolist()) == canonical(renamed.tolist())


def test_numbers_have_no_gap_and_sizes_fall() -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        sizes = np.bincount(canonical(rng.integers(0, 9, size=25).tolist()))
        assert sizes[0] == 0
        assert (np.diff(sizes[1:]) <= 0).all()
        assert sizes[1:].min() > 0
