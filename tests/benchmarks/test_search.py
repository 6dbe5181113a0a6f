"""The benchmark of the search for k: what it times, and what it prints."""

import numpy as np
import pytest

from benchmarks.search import Pair, Seconds, as_table, growth, measure


def pair(stores: int, *, plain: float, ours: float) -> Pair:
    return Pair(stores, Seconds(plain, 2 * plain), Seconds(ours, 2 * ours))


def test_both_are_timed() -> None:
    times = measure(60)
    assert times.stores == 60
    assert min(times.plain.processor, times.ours.processor) > 0


def test_growth_is_the_exponent_of_the_stores() -> None:
    small, large = pair(100, plain=1.0, ours=1.0), pair(400, plain=16.0, ours=4.0)
    np.testing.assert_allclose(growth(small, large), (2, 1))


def test_the_ratio_is_that_of_processor_times() -> None:
    assert pair(100, plain=6.0, ours=2.0).ratio == pytest.approx(3)


def test_the_table_has_a_row_for_each_number_of_stores() -> None:
    table = as_table([pair(n, plain=n / 100, ours=1.0) for n in (500, 1_000)])
    cells = [list(column.cells) for column in table.columns]
    assert cells[0] == ["500", "1,000"]
    assert cells[1] == ["5.00 (10.00)", "10.00 (20.00)"]
    assert cells[3] == ["5.0", "10.0"]
    assert cells[4] == ["", "1.0"]
