"""Shares: transforms of compositions."""

import numpy as np
import pytest

from ml.shares import ZERO_SHARE, share_transformer

SHARES = np.random.default_rng(0).dirichlet(np.full(6, 0.5), size=40)


def test_plain_shares_stay_as_they_are() -> None:
    np.testing.assert_array_equal(
        share_transformer("share").fit_transform(SHARES), SHARES
    )


def test_hellinger_distance_lies_between_zero_and_root_two() -> None:
    same, other = share_transformer("hellinger").fit_transform(np.eye(2))
    assert np.linalg.norm(same - other) == pytest.approx(np.sqrt(2))


def test_hellinger_rows_have_length_one() -> None:
    roots = share_transformer("hellinger").fit_transform(SHARES)
    np.testing.assert_allclose(np.linalg.norm(roots, axis=1), 1)


def test_log_ratios_of_a_row_sum_to_zero() -> None:
    ratios = share_transformer("clr").fit_transform(SHARES)
    np.testing.assert_allclose(ratios.sum(axis=1), 0, atol=1e-12)


def test_log_ratios_do_not_depend_on_the_total_of_a_row() -> None:
    clr = share_transformer("clr")
    np.testing.assert_allclose(
        clr.fit_transform([[0.2, 0.3, 0.5]]), clr.fit_transform([[2.0, 3.0, 5.0]])
    )


def test_a_need_state_that_is_not_sold_has_a_finite_log_ratio() -> None:
    ratios = share_transformer("clr").fit_transform(np.array([[0.0, 1.0]]))
    np.testing.assert_allclose(ratios[0, 1] - ratios[0, 0], -np.log(ZERO_SHARE))


def test_a_store_without_any_share_stays_finite() -> None:
    for share_transform in ("share", "hellinger", "clr"):
        empty = share_transformer(share_transform).fit_transform(np.zeros((1, 3)))
        np.testing.assert_allclose(empty, 0, atol=1e-12)


def test_an_unknown_share_transform_is_refused() -> None:
    with pytest.raises(ValueError, match=r"share_transform='log'.*share, hellinger"):
        share_transformer("log")
