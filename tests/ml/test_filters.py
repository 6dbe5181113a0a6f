"""Filters: which features are dropped."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from ml.transformers import CorrelationFilter, NearZeroVariance

FILTERS = [NearZeroVariance(max_same_value=0.9), CorrelationFilter(max_correlation=0.9)]
RANDOM = np.random.default_rng(0).normal(size=(50, 4))


def rare(count: int, *, rows: int = 100) -> np.ndarray:
    """Return a column of zeros in which ``count`` rows differ, each by its own."""
    return np.r_[np.arange(1.0, count + 1), np.zeros(rows - count)]


@parametrize_with_checks(FILTERS)
def test_the_contract_of_scikit_learn_holds(
    estimator: BaseEstimator, check: Callable[[BaseEstimator], None]
) -> None:
    check(estimator)


@pytest.mark.parametrize("selector", FILTERS)
def test_fit_returns_the_filter_itself(selector: BaseEstimator) -> None:
    copy = clone(selector)
    assert copy.fit(RANDOM) is copy
    assert copy.get_params() == selector.get_params()


@pytest.mark.parametrize("selector", FILTERS)
def test_an_unfitted_filter_is_refused(selector: BaseEstimator) -> None:
    with pytest.raises(NotFittedError):
        clone(selector).transform(RANDOM)


@pytest.mark.parametrize("selector", FILTERS)
def test_other_columns_than_those_learnt_from_are_refused(
    selector: BaseEstimator,
) -> None:
    with pytest.raises(ValueError, match=r"3 features.*expecting 4"):
        clone(selector).fit(RANDOM).transform(RANDOM[:, :3])


@pytest.mark.parametrize("unit", [1e-9, 1, 1e9])
def test_near_zero_variance_does_not_depend_on_the_unit(unit: float) -> None:
    X = unit * np.column_stack([rare(5), rare(60)])
    support = NearZeroVariance(max_same_value=0.9).fit(X).get_support()
    assert support.tolist() == [False, True]


def test_a_feature_at_the_highest_share_is_kept() -> None:
    X = np.column_stack([rare(10), rare(9), rare(60)])
    support = NearZeroVariance(max_same_value=0.9).fit(X).get_support()
    assert support.tolist() == [True, False, True]


def test_a_constant_is_dropped_even_where_all_rows_may_be_the_same() -> None:
    X = np.column_stack([rare(0), rare(1)])
    support = NearZeroVariance(max_same_value=1.0).fit(X).get_support()
    assert support.tolist() == [False, True]


def test_the_most_varied_feature_is_kept_where_none_varies_enough() -> None:
    X = np.column_stack([rare(1), rare(2), rare(0)])
    support = NearZeroVariance(max_same_value=0.5).fit(X).get_support()
    assert support.tolist() == [False, True, False]


def test_rows_that_are_all_alike_keep_a_feature() -> None:
    kept = NearZeroVariance(max_same_value=0.5).fit_transform(np.ones((9, 3)))
    assert kept.shape[1] >= 1


def test_the_first_of_two_correlated_features_is_kept() -> None:
    copy = -3 * RANDOM[:, [0]] + 7
    X = np.hstack([RANDOM, copy])
    support = CorrelationFilter(max_correlation=0.95).fit(X).get_support()
    assert support.tolist() == [True, True, True, True, False]


def test_a_feature_like_a_dropped_one_alone_is_kept() -> None:
    first, third = RANDOM[:, 0], RANDOM[:, 1]
    X = np.column_stack([first, first + 0.6 * third, first + 1.5 * third])
    correlation = np.corrcoef(X, rowvar=False)
    assert correlation[0, 2] < 0.8 < min(correlation[0, 1], correlation[1, 2])
    support = CorrelationFilter(max_correlation=0.8).fit(X).get_support()
    assert support.tolist() == [True, False, True]


def test_a_constant_correlates_with_nothing() -> None:
    X = np.column_stack([np.ones(50), RANDOM[:, 0], np.zeros(50)])
    assert CorrelationFilter(max_correlation=0.5).fit(X).get_support().all()


def test_a_single_feature_is_kept() -> None:
    assert CorrelationFilter(max_correlation=0.5).fit(RANDOM[:, :1]).get_support().all()


def test_what_is_left_has_no_pair_above_the_limit() -> None:
    mixed = RANDOM @ np.random.default_rng(1).normal(size=(4, 12))
    kept = CorrelationFilter(max_correlation=0.7).fit_transform(mixed)
    correlation = np.abs(spearmanr(kept).statistic)
    assert kept.shape[1] < 12
    assert correlation[np.triu_indices_from(correlation, 1)].max() <= 0.7


def test_how_skewed_a_feature_is_does_not_count() -> None:
    """Sales of a market and outlets in it say the same, whatever the largest are."""
    X = np.column_stack([RANDOM[:, 0], np.exp(6 * RANDOM[:, 0]), RANDOM[:, 1]])
    assert np.corrcoef(X[:, 0], X[:, 1])[0, 1] < 0.9
    support = CorrelationFilter(max_correlation=0.95).fit(X).get_support()
    assert support.tolist() == [True, False, True]


def test_the_first_kept_columns_are_kept_however_little_they_vary() -> None:
    X = np.column_stack([rare(1), rare(0), rare(2), rare(60)])
    support = NearZeroVariance(max_same_value=0.9, first_kept=2).fit(X).get_support()
    assert support.tolist() == [True, True, False, True]


def test_the_first_kept_columns_are_kept_though_they_say_the_same() -> None:
    X = np.hstack([RANDOM[:, [0]], 2 * RANDOM[:, [0]], RANDOM])
    support = CorrelationFilter(max_correlation=0.9, first_kept=2).fit(X).get_support()
    assert support.tolist() == [True, True, False, True, True, True]


def test_more_columns_than_there_are_can_be_kept() -> None:
    X = RANDOM[:, [0, 0]]
    assert (
        CorrelationFilter(max_correlation=0.5, first_kept=9).fit(X).get_support().all()
    )
