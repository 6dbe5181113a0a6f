"""Shares: shrinkage of small stores, and transforms of compositions."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from ml.shares import EXPONENTS, ZERO_SHARE, SharesOfSales, share_transformer

TRANSFORMS = ("share", "hellinger", "cube_root", "power", "clr")
AVERAGE = np.array([0.5, 0.3, 0.2])
PRICE = 10.0
SHARES = np.random.default_rng(0).dirichlet(np.full(6, 0.5), size=40)


def shops(*, stores: int = 400, alike: float = np.inf, seed: int = 0) -> np.ndarray:
    """Return sales of stores of all sizes, whose true shares are more or less alike.

    ``alike`` is the sum of the Dirichlet distribution's parameters.
    """
    rng = np.random.default_rng(seed)
    true = np.tile(AVERAGE, (stores, 1))
    if np.isfinite(alike):
        true = rng.dirichlet(alike * AVERAGE, size=stores)
    return PRICE * rng.multinomial(rng.integers(5, 300, size=stores), true)


def shrunk(sales: np.ndarray) -> np.ndarray:
    return SharesOfSales(shrink=True).fit_transform(sales)


def transformer(name: str, share_exponent: float = 0.25) -> FunctionTransformer:
    return share_transformer(name, share_exponent=share_exponent)


@parametrize_with_checks([SharesOfSales(shrink=True), SharesOfSales(shrink=False)])
def test_the_contract_of_scikit_learn_holds(
    estimator: BaseEstimator, check: Callable[[BaseEstimator], None]
) -> None:
    check(estimator)


def test_shares_that_are_not_shrunk_are_sales_by_their_total() -> None:
    sales = shops(alike=5)
    np.testing.assert_allclose(
        SharesOfSales(shrink=False).fit_transform(sales),
        sales / sales.sum(axis=1, keepdims=True),
    )


@pytest.mark.parametrize("shrink", [True, False])
def test_shares_of_a_store_add_up_to_one(shrink: bool) -> None:
    shares = SharesOfSales(shrink=shrink).fit_transform(shops(alike=5))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert shares.min() >= 0


def test_whole_numbers_are_sales_too() -> None:
    sales = shops(alike=20)
    np.testing.assert_allclose(shrunk(sales.astype(int)), shrunk(sales))


def test_a_small_store_is_drawn_to_the_average_further_than_a_large_one() -> None:
    shares = SharesOfSales(shrink=True).fit(shops(alike=20))
    small, large = shares.transform([[3 * PRICE, 0, 0], [900 * PRICE, 0, 0]])
    assert AVERAGE[0] < small[0] < 0.7
    assert 0.95 < large[0] < 1


def test_shrinking_brings_shares_nearer_to_the_truth() -> None:
    rng = np.random.default_rng(1)
    true = rng.dirichlet(20 * AVERAGE, size=300)
    sales = PRICE * rng.multinomial(rng.integers(3, 60, size=300), true)
    raw = SharesOfSales(shrink=False).fit_transform(sales)
    assert np.abs(shrunk(sales) - true).mean() < 0.85 * np.abs(raw - true).mean()


def test_a_store_without_sales_counts_for_nothing_and_is_average() -> None:
    sales = shops(alike=20)
    fitted = SharesOfSales(shrink=True).fit(sales)
    with_empty = SharesOfSales(shrink=True).fit(np.vstack([sales, np.zeros((90, 3))]))
    assert with_empty.prior_ == pytest.approx(fitted.prior_)
    np.testing.assert_allclose(with_empty.average_, fitted.average_)
    np.testing.assert_allclose(fitted.transform(np.zeros((1, 3)))[0], fitted.average_)


def test_a_store_without_sales_has_no_share_where_shares_are_not_shrunk() -> None:
    fitted = SharesOfSales(shrink=False).fit(shops(stores=9))
    assert fitted.transform(np.zeros((1, 3))).tolist() == [[0, 0, 0]]


def test_sales_below_zero_are_refused() -> None:
    fitted = SharesOfSales(shrink=True).fit(shops(stores=9))
    for step in (fitted.fit, fitted.transform):
        with pytest.raises(ValueError, match="Negative values"):
            step([[3.0, -1.0, 0.0], [1.0, 1.0, 1.0]])


def test_unfitted_shares_are_refused() -> None:
    with pytest.raises(NotFittedError):
        SharesOfSales(shrink=True).transform(shops(stores=9))


@pytest.mark.parametrize("unit", [0.001, 0.9, 100])
def test_the_currency_does_not_matter(unit: float) -> None:
    sales = shops(alike=20)
    assert SharesOfSales(shrink=True).fit(sales).prior_ > 0
    np.testing.assert_allclose(shrunk(unit * sales), shrunk(sales))


def test_halves_of_the_periods_decide_how_far_shares_are_shrunk() -> None:
    odd, even = shops(seed=1), shops(seed=2)
    sales, estimator = odd + even, SharesOfSales(shrink=True)
    raw = SharesOfSales(shrink=False).fit_transform(sales)
    by_chance = estimator.fit(sales, odd_sales=odd).transform(sales)
    assert by_chance.std(axis=0).max() < raw.std(axis=0).max() / 3
    truly = estimator.fit(sales, odd_sales=sales / 2).transform(sales)
    np.testing.assert_allclose(truly, raw)


def test_plain_shares_stay_as_they_are() -> None:
    np.testing.assert_array_equal(transformer("share").fit_transform(SHARES), SHARES)


def test_hellinger_distance_lies_between_zero_and_root_two() -> None:
    same, other = transformer("hellinger").fit_transform(np.eye(2))
    assert np.linalg.norm(same - other) == pytest.approx(np.sqrt(2))


def test_hellinger_rows_have_length_one() -> None:
    roots = transformer("hellinger").fit_transform(SHARES)
    np.testing.assert_allclose(np.linalg.norm(roots, axis=1), 1)


def test_a_cube_root_gives_rare_need_states_more_say_than_a_square_root() -> None:
    cube, square = (
        transformer(name).fit_transform(np.array([[0.01, 0.99]]))[0]
        for name in ("cube_root", "hellinger")
    )
    np.testing.assert_allclose(cube**3, [0.01, 0.99])
    assert cube[0] / cube[1] > square[0] / square[1]


@pytest.mark.parametrize("name", EXPONENTS)
def test_a_name_stands_for_an_exponent(name: str) -> None:
    np.testing.assert_array_equal(
        transformer(name).fit_transform(SHARES),
        transformer("power", EXPONENTS[name]).fit_transform(SHARES),
    )


def test_the_smaller_the_exponent_the_more_say_a_rare_need_state_has() -> None:
    rare, common = np.transpose(
        [
            transformer("power", exponent).fit_transform([[0.01, 0.99]])[0]
            for exponent in (1.0, 0.5, 0.25, 0.1)
        ]
    )
    assert (np.diff(rare / common) > 0).all()


def test_log_ratios_of_a_row_sum_to_zero() -> None:
    ratios = transformer("clr").fit_transform(SHARES)
    np.testing.assert_allclose(ratios.sum(axis=1), 0, atol=1e-12)


def test_log_ratios_do_not_depend_on_the_total_of_a_row() -> None:
    clr = transformer("clr")
    np.testing.assert_allclose(
        clr.fit_transform([[0.2, 0.3, 0.5]]), clr.fit_transform([[2.0, 3.0, 5.0]])
    )


def test_a_need_state_that_is_not_sold_has_a_finite_log_ratio() -> None:
    ratios = transformer("clr").fit_transform(np.array([[0.0, 1.0]]))
    np.testing.assert_allclose(ratios[0, 1] - ratios[0, 0], -np.log(ZERO_SHARE))


def test_a_store_without_any_share_stays_finite() -> None:
    for share_transform in TRANSFORMS:
        empty = transformer(share_transform).fit_transform(np.zeros((1, 3)))
        np.testing.assert_allclose(empty, 0, atol=1e-12)
