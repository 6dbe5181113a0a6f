"""Outliers: stores unlike all others."""

import numpy as np
import pytest

from ml.preparation import find_outliers

ORDINARY = np.random.default_rng(0).normal(size=(80, 3))
WITH_ONE = np.vstack([ORDINARY, [[30.0, -30.0, 30.0]]])


def test_a_row_far_from_all_others_is_an_outlier() -> None:
    outlier = find_outliers(WITH_ONE, outlier_score=0.7, random_state=0)
    assert np.flatnonzero(outlier).tolist() == [80]


def test_ordinary_rows_have_no_outlier() -> None:
    assert not find_outliers(ORDINARY, outlier_score=0.7, random_state=0).any()


@pytest.mark.parametrize("outlier_score", [1, 1.0, 2.0])
def test_a_score_of_one_or_more_finds_none(outlier_score: float) -> None:
    assert not find_outliers(
        WITH_ONE, outlier_score=outlier_score, random_state=0
    ).any()


def test_a_lower_score_finds_the_same_and_more() -> None:
    strict, loose = (
        find_outliers(WITH_ONE, outlier_score=score, random_state=0)
        for score in (0.6, 0.5)
    )
    assert strict.sum() < loose.sum()
    assert loose[strict].all()


def test_rows_that_are_all_alike_have_no_outlier() -> None:
    assert not find_outliers(np.ones((9, 2)), outlier_score=0.6, random_state=0).any()


def test_one_seed_gives_one_answer() -> None:
    first, second = (
        find_outliers(ORDINARY, outlier_score=0.5, random_state=7) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_neither_the_order_of_rows_nor_that_of_columns_matters() -> None:
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(81), rng.permutation(3)
    before, after = (
        find_outliers(X, outlier_score=0.5, random_state=0)
        for X in (WITH_ONE, WITH_ONE[rows][:, columns])
    )
    np.testing.assert_array_equal(after, before[rows])


def test_last_digits_do_not_change_the_order_of_columns() -> None:
    # equally many ones in six columns: nothing but a last digit sets their order
    ones = np.tile(np.arange(80)[:, None] < 30, 6)
    shuffled = np.random.default_rng(0).permuted(ones, axis=0)
    X, last = np.hstack([shuffled, ORDINARY]), 1e-15 * np.r_[:6, 0, 0, 0]
    plain, more, less = (
        find_outliers(X * unit, outlier_score=0.54, random_state=0)
        for unit in (1, 1 + last, 1 - last)
    )
    assert plain.any()
    np.testing.assert_array_equal(more, plain)
    np.testing.assert_array_equal(less, plain)
