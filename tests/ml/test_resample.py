"""Resample: random subsamples of rows."""

import numpy as np
import pytest

from ml.resample import MOST_ROWS, subsamples


def draw(n: int, *, count: int = 5, random_state: int = 0) -> list[np.ndarray]:
    return list(subsamples(n, count=count, random_state=random_state))


@pytest.mark.parametrize(("n", "size"), [(1, 1), (2, 2), (3, 2), (50, 40), (499, 399)])
def test_a_subsample_has_four_fifths_of_the_rows(n: int, size: int) -> None:
    assert [len(rows) for rows in draw(n)] == [size] * 5


def test_more_rows_than_are_needed_are_not_drawn() -> None:
    assert {len(rows) for rows in draw(20_000)} == {MOST_ROWS}


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
