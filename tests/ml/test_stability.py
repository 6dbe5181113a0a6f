"""Stability: what is reproduced in subsamples."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from ml.stability import (
    MOST_STORES,
    best_jaccard,
    mean_agreement,
    mean_of_known,
    pairwise_agreement,
    rand_agreement,
    subsamples,
)

TRUTH = np.repeat([0, 1, 2], [60, 30, 10])
SETTINGS = {"resamples": 12, "random_state": 0}

seeds = st.integers(0, 1000)


def draw(n: int, *, count: int = 5, random_state: int = 0) -> list[np.ndarray]:
    return list(subsamples(range(n), count=count, random_state=random_state))


@pytest.mark.parametrize(("n", "size"), [(1, 1), (2, 2), (3, 2), (50, 40), (499, 399)])
def test_a_subsample_has_four_fifths_of_the_rows(n: int, size: int) -> None:
    assert [len(rows) for rows in draw(n)] == [size] * 5


def test_more_rows_than_are_needed_are_not_drawn() -> None:
    assert {len(rows) for rows in draw(20_000)} == {MOST_STORES}


def test_rows_are_drawn_once_each_and_sorted() -> None:
    for rows in draw(300):
        assert (np.diff(rows) > 0).all()
        assert rows.min() >= 0
        assert rows.max() < 300


def test_every_row_is_drawn_about_as_often() -> None:
    drawn = np.bincount(np.concatenate(draw(50, count=400)), minlength=50) / 400
    np.testing.assert_allclose(drawn, 0.8, atol=0.1)


def test_the_seed_alone_decides() -> None:
    np.testing.assert_array_equal(draw(90), draw(90))
    assert not np.array_equal(draw(90), draw(90, random_state=1))


@given(left_out=st.sets(st.integers(0, 99), min_size=1, max_size=10), seed=seeds)
def test_without_a_few_stores_the_others_are_drawn_again(
    left_out: set[int], seed: int
) -> None:
    """But for those that come in their place."""
    names = np.array([f"store {number}" for number in range(100)])
    left = np.delete(names, sorted(left_out))
    for before, after in zip(
        subsamples(names, count=3, random_state=seed),
        subsamples(left, count=3, random_state=seed),
        strict=True,
    ):
        gone = set(names[before]) - set(left[after])
        new = set(left[after]) - set(names[before])
        assert len(new) <= len(left_out)
        assert len(gone) <= len(left_out)


@given(order=st.permutations(range(30)), seed=seeds)
def test_the_order_of_the_stores_does_not_count(order: list[int], seed: int) -> None:
    names = np.array([f"store {number}" for number in range(30)])
    [one] = subsamples(names, count=1, random_state=seed)
    [other] = subsamples(names[order], count=1, random_state=seed)
    assert set(names[one]) == set(names[order][other])


def shuffled(rows: np.ndarray) -> np.ndarray:
    """Return labels that have nothing to do with the rows."""
    return np.random.default_rng(len(rows)).integers(0, 3, size=len(rows))


def other_names(rows: np.ndarray) -> np.ndarray:
    """Return the true clusters under other names."""
    return np.array([9, 4, 7])[TRUTH[rows]]


def first_two_as_one(rows: np.ndarray) -> np.ndarray:
    return np.maximum(TRUTH[rows], 1)


def agreement_of(
    relabel: Callable[[np.ndarray], np.ndarray], *, resamples: int, random_state: int
) -> float:
    """Return the mean agreement of subsamples of `TRUTH`, each labelled by itself."""
    drawn = draw(len(TRUTH), count=resamples, random_state=random_state)
    return mean_agreement(drawn, [relabel(rows) for rows in drawn])


def cluster_jaccard(
    labels: np.ndarray,
    relabel: Callable[[np.ndarray], np.ndarray],
    *,
    resamples: int,
    random_state: int,
) -> np.ndarray:
    """Return the mean similarity of each cluster with its like in subsamples."""
    drawn = subsamples(range(len(labels)), count=resamples, random_state=random_state)
    k = labels.max() + 1
    return mean_of_known(
        [best_jaccard(labels[rows], relabel(rows), k=k) for rows in drawn]
    )


def slow_jaccard(
    labels: np.ndarray, relabel: Callable[[np.ndarray], np.ndarray]
) -> list[float]:
    """Return what `cluster_jaccard` should, straight from its definition."""
    best: dict[int, list[float]] = {label: [] for label in sorted(set(labels))}
    for rows in subsamples(range(len(labels)), count=12, random_state=0):
        again = relabel(rows)
        new = [set(rows[again == label]) for label in set(again)]
        for label, similarities in best.items():
            old = set(rows[labels[rows] == label])
            if old:
                similarities.append(max(len(old & n) / len(old | n) for n in new))
    return [np.mean(s) if s else np.nan for s in best.values()]


def test_clusters_that_are_always_found_again_agree_whatever_their_names() -> None:
    assert agreement_of(other_names, **SETTINGS) == 1
    assert cluster_jaccard(TRUTH, other_names, **SETTINGS).tolist() == [1, 1, 1]


def test_random_clusters_do_not_agree() -> None:
    assert abs(agreement_of(shuffled, **SETTINGS)) < 0.05
    assert cluster_jaccard(TRUTH, shuffled, **SETTINGS).max() < 0.5


def test_two_clusters_that_come_back_as_one_at_times_agree_in_part() -> None:
    def at_times(rows: np.ndarray) -> np.ndarray:
        return first_two_as_one(rows) if rows[0] == 0 else TRUTH[rows]

    assert 0.3 < agreement_of(at_times, **SETTINGS) < 0.9
    assert agreement_of(first_two_as_one, **SETTINGS) == 1


def test_the_jaccard_of_two_clusters_that_come_back_as_one_is_their_share() -> None:
    first, second, third = cluster_jaccard(TRUTH, first_two_as_one, **SETTINGS)
    assert first == pytest.approx(60 / 90, abs=0.05)
    assert second == pytest.approx(30 / 90, abs=0.05)
    assert third == 1


@pytest.mark.parametrize("seed", range(4))
def test_the_jaccard_is_that_of_a_plain_computation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(70, 2))
    labels = KMeans(5, n_init=1, random_state=0).fit_predict(X)

    def relabel(rows: np.ndarray) -> np.ndarray:
        return KMeans(4, n_init=1, random_state=1).fit_predict(X[rows])

    expected = slow_jaccard(labels, relabel)
    np.testing.assert_allclose(cluster_jaccard(labels, relabel, **SETTINGS), expected)
    assert 0 < min(expected) < max(expected) < 1


def test_a_cluster_of_one_counts_only_where_it_was_drawn() -> None:
    labels = np.r_[np.zeros(20, dtype=int), 1]
    similarity = cluster_jaccard(labels, lambda rows: labels[rows], **SETTINGS)
    assert similarity.tolist() == [1, 1]
    drawn = [20 in rows for rows in subsamples(range(21), count=12, random_state=0)]
    assert 0 < sum(drawn) < 12


def test_a_cluster_that_was_never_drawn_is_unknown() -> None:
    seed = next(
        seed
        for seed in range(100)
        if not any(
            20 in rows for rows in subsamples(range(21), count=1, random_state=seed)
        )
    )
    labels = np.r_[np.zeros(20, dtype=int), 1]
    similarity = cluster_jaccard(
        labels, lambda rows: labels[rows], resamples=1, random_state=seed
    )
    np.testing.assert_array_equal(similarity, [1, np.nan])


@pytest.mark.parametrize("seed", range(4))
def test_the_agreement_of_a_pair_is_that_of_its_common_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = draw(40, random_state=seed)
    labels = [rng.integers(0, 4, size=len(rows)) for rows in drawn]
    found = pairwise_agreement(drawn, labels)
    for one, other in itertools.combinations(range(5), 2):
        _, ours, theirs = np.intersect1d(drawn[one], drawn[other], return_indices=True)
        expected = adjusted_rand_score(labels[one][ours], labels[other][theirs])
        assert found[one, other] == found[other, one]
        assert found[one, other] == pytest.approx(expected, abs=1e-12)
    assert np.isnan(np.diag(found)).all()


def test_subsamples_without_common_rows_agree() -> None:
    found = pairwise_agreement([np.arange(3), np.arange(3, 6)], [np.arange(3)] * 2)
    assert found[0, 1] == 1


@given(
    pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=1),
)
def test_the_agreement_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    labels, others = np.array(pairs).T
    expected = adjusted_rand_score(labels, others)
    assert rand_agreement(labels, others) == pytest.approx(expected, abs=1e-12)
