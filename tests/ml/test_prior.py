"""The prior: chance is shrunk, real differences between stores are not."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from ml.shares import MOST_BY_HALVES, MOST_BY_SIZES, SharesOfSales, prior_sales

AVERAGE = np.array([0.4, 0.3, 0.2, 0.1])
PRICE = 10.0
PERIODS = 12

seeds = st.integers(0, 10_000)


def sell(
    true: np.ndarray, bottles: np.ndarray, *, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sales of all periods and of the odd ones; ``bottles`` is a period's.

    ``true`` are shares of the need states, by store.
    """
    sold = PRICE * rng.multinomial(rng.poisson(bottles, (PERIODS, len(bottles))), true)
    return sold.sum(axis=0), sold[::2].sum(axis=0)


def chance_alone(
    *, seed: int, stores: int = 300, most: int = 20
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    true = np.tile(AVERAGE, (stores, 1))
    return sell(true, rng.uniform(0.5, most, stores), rng=rng)


def kinds_by_size(
    *, seed: int, small_share: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sales, sales of odd periods, and which stores are small.

    A small store sells a fiftieth of what a large one does, and mostly other things.
    """
    rng = np.random.default_rng(seed)
    is_small = np.arange(200) < 200 * small_share
    kinds = np.array([[0.5, 0.3, 0.1, 0.1], [0.1, 0.1, 0.3, 0.5]])
    true = np.array([rng.dirichlet(60 * kinds[int(small)]) for small in is_small])
    bottles = np.where(is_small, 20, 1000) * rng.lognormal(0, 0.2, 200)
    return *sell(true, bottles, rng=rng), is_small


def median_sales(sales: np.ndarray) -> float:
    totals = sales.sum(axis=1)
    return float(np.median(totals[totals > 0]))


@pytest.mark.parametrize("unit", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("periods", [True, False])
@given(seed=seeds, small_share=st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]))
def test_small_stores_of_another_kind_stay_another_kind(
    periods: bool, unit: float, seed: int, small_share: float
) -> None:
    sales, odd, is_small = kinds_by_size(seed=seed, small_share=small_share)
    odd_sales = unit * odd if periods else None
    shares = SharesOfSales(shrink=True).fit(unit * sales, odd_sales=odd_sales)
    found = KMeans(2, n_init=5, random_state=0).fit_predict(
        shares.transform(unit * sales)
    )
    assert adjusted_rand_score(is_small, found) >= 0.9


@given(seed=seeds)
def test_stores_that_chance_alone_sets_apart_have_a_large_prior(seed: int) -> None:
    sales, odd = chance_alone(seed=seed)
    assert prior_sales(sales, odd) > 2 * median_sales(sales)


@pytest.mark.parametrize("alike", [10, 40])
@pytest.mark.parametrize("periods", [True, False])
def test_the_prior_is_what_the_stores_were_drawn_with(
    alike: float, periods: bool
) -> None:
    def found(seed: int) -> float:
        rng = np.random.default_rng(seed)
        true = rng.dirichlet(alike * AVERAGE, size=400)
        sales, odd = sell(true, rng.uniform(0.5, 30, 400), rng=rng)
        return prior_sales(sales, odd if periods else None)

    median = np.median([found(seed) for seed in range(5)])
    assert median == pytest.approx(PRICE * alike, rel=0.4)


@given(seed=seeds, stores=st.integers(1, 60), most=st.integers(1, 50))
def test_no_prior_is_above_its_limit(seed: int, stores: int, most: int) -> None:
    sales, odd = chance_alone(seed=seed, stores=stores, most=most)
    median = median_sales(sales) if sales.any() else 0.0
    by_halves, by_sizes = prior_sales(sales, odd), prior_sales(sales)
    assert 0 <= by_halves <= MOST_BY_HALVES * median * (1 + 1e-12)
    assert 0 <= by_sizes <= MOST_BY_SIZES * median * (1 + 1e-12)


@given(seed=seeds, unit=st.sampled_from([1e-6, 0.01, 0.9, 100.0, 1e9]))
def test_the_currency_does_not_matter(seed: int, unit: float) -> None:
    sales, odd = chance_alone(seed=seed, most=3)
    expected = pytest.approx(unit * prior_sales(sales, odd))
    assert prior_sales(unit * sales, unit * odd) == expected
    assert prior_sales(unit * sales) == pytest.approx(unit * prior_sales(sales))


@given(seed=seeds, stores=st.integers(1, 60))
def test_halves_may_be_swapped(seed: int, stores: int) -> None:
    sales, odd = chance_alone(seed=seed, stores=stores)
    assert prior_sales(sales, sales - odd) == pytest.approx(prior_sales(sales, odd))


@given(seed=seeds)
def test_a_season_that_all_stores_have_is_no_chance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    true = rng.dirichlet(20 * AVERAGE, size=100)
    season = np.array([1.5, 0.5, 1.0, 1.0])
    odd = true * season * rng.uniform(1e3, 1e5, size=(100, 1))
    even = odd / season * season[::-1]
    flat = prior_sales(2 * odd, odd)
    assert flat == pytest.approx(0, abs=1e-9 * median_sales(odd))
    assert prior_sales(odd + even, odd) < 0.1 * median_sales(odd + even)


@given(
    seed=seeds,
    stores=st.integers(2, 40),
    step=st.sampled_from([1e-9, 1e-7]),
    change=st.sampled_from(["sales", "one half", "appears"]),
)
def test_a_small_change_of_the_sales_is_a_small_change_of_the_prior(
    seed: int, stores: int, step: float, change: str
) -> None:
    sales, odd = chance_alone(seed=seed, stores=stores)
    rng = np.random.default_rng(seed)
    keep = np.arange(stores) > 0
    if change != "sales":  # the first store sells in the odd periods alone
        sales, odd = (np.where(keep[:, None], part, odd) for part in (sales, odd))
    more = step * rng.random(sales.shape) * sales.max()
    if change == "one half":
        more *= ~keep[:, None]
    moved = sales + more, odd + more * (change == "sales") / 2
    limit = 1e4 * step * median_sales(sales) + 1e-9
    assert abs(prior_sales(*moved) - prior_sales(sales, odd)) < limit
    if change == "sales":
        assert abs(prior_sales(moved[0]) - prior_sales(sales)) < limit


@given(seed=seeds, size=st.sampled_from([1e-6, 1e-3, 1e3, 1e6]))
def test_one_store_of_an_extreme_size_does_not_decide(seed: int, size: float) -> None:
    sales, odd = chance_alone(seed=seed, most=10)
    odd_store = size * PRICE * np.array([[1.0, 0.0, 0.0, 0.0]])
    with_it = [np.vstack([sales, 2 * odd_store]), np.vstack([odd, odd_store])]
    assert prior_sales(*with_it) > 0.5 * median_sales(sales)


def test_stores_with_sales_in_one_half_only_are_judged_by_size() -> None:
    sales, _ = chance_alone(seed=0)
    assert prior_sales(sales, sales) == prior_sales(sales)
    assert prior_sales(sales, 0 * sales) == prior_sales(sales)


def test_a_store_without_sales_counts_for_nothing() -> None:
    sales, odd = chance_alone(seed=0)
    empty = np.zeros((50, sales.shape[1]))
    with_empty = prior_sales(np.vstack([sales, empty]), np.vstack([odd, empty]))
    assert with_empty == pytest.approx(prior_sales(sales, odd))


NOTHING_TO_LEARN: dict[str, Callable[[], np.ndarray]] = {
    "none sold": lambda: np.zeros((5, 3)),
    "equal": lambda: np.tile([3.0, 1.0, 2.0], (9, 1)),
    "equal shares": lambda: np.outer(np.arange(1.0, 9.0), AVERAGE),
    "one need state": lambda: np.arange(1.0, 9.0).reshape(-1, 1),
    "two stores": lambda: chance_alone(seed=0)[0][:2],
    "one size": lambda: 1000 * np.random.default_rng(0).dirichlet(AVERAGE, size=40),
}


@pytest.mark.parametrize("case", NOTHING_TO_LEARN)
def test_where_nothing_can_be_learnt_there_is_no_prior(case: str) -> None:
    sales = NOTHING_TO_LEARN[case]()
    for odd_sales in (None, sales / 2):
        assert prior_sales(sales, odd_sales) == pytest.approx(0, abs=1e-6)
        estimator = SharesOfSales(shrink=True).fit(sales, odd_sales=odd_sales)
        assert np.isfinite(estimator.transform(sales)).all()
