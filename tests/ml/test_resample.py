"""Resample: random subsamples of stores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.resample import MOST_STORES, subsamples

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
