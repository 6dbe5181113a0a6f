"""Scale: every feature gets the same weight."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import skew
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from ml.transformers import PercentileScaler, PowerScaler, scaler

SCALINGS = ("power", "robust", "standard", "minmax", "none")
LIMITED = SCALINGS[:-1]
NORMAL = np.random.default_rng(0).normal(50, 8, size=(5000, 1))


@parametrize_with_checks([PercentileScaler(percentiles=(5, 95)), PowerScaler()])
def test_the_contract_of_scikit_learn_holds(
    estimator: BaseEstimator, check: Callable[[BaseEstimator], None]
) -> None:
    check(estimator)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_a_scaler_can_be_cloned_and_fitted(scaling: str) -> None:
    pipeline = clone(scaler(scaling, scaled_limit=4.0))
    assert pipeline.fit(NORMAL) is pipeline


@pytest.mark.parametrize("scaling", LIMITED)
def test_an_unfitted_scaler_is_refused(scaling: str) -> None:
    with pytest.raises(NotFittedError):
        scaler(scaling, scaled_limit=4.0)[:-1].transform(NORMAL)


@pytest.mark.parametrize("scaling", ["power", "robust", "standard"])
def test_normal_values_get_a_spread_of_one(scaling: str) -> None:
    scaled = scaler(scaling, scaled_limit=9.0).fit_transform(NORMAL)
    assert np.median(scaled) == pytest.approx(0, abs=0.05)
    assert scaled.std() == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("scaling", LIMITED)
def test_the_unit_of_a_feature_does_not_matter(scaling: str) -> None:
    pipeline = scaler(scaling, scaled_limit=4.0)
    np.testing.assert_allclose(
        pipeline.fit_transform(NORMAL),
        pipeline.fit_transform(1000 * NORMAL - 3),
        atol=1e-9,
    )


@pytest.mark.parametrize("scaling", LIMITED)
def test_scaled_values_stay_within_the_limit(scaling: str) -> None:
    wild = np.random.default_rng(0).standard_cauchy(size=(300, 2))
    scaled = scaler(scaling, scaled_limit=0.5).fit_transform(wild)
    assert np.abs(scaled).max() <= 0.5


@pytest.mark.parametrize("scaling", LIMITED)
def test_rows_that_were_not_learnt_from_stay_within_the_limit(scaling: str) -> None:
    scaled = scaler(scaling, scaled_limit=4.0).fit(NORMAL).transform([[1e9], [-1e9]])
    assert scaled.ravel().tolist() == [4.0, -4.0]


def test_an_extreme_value_does_not_change_the_robust_scale_of_others() -> None:
    extreme = NORMAL.copy()
    extreme[NORMAL.argmax()] = 1e6
    scaled, with_extreme = (
        scaler("robust", scaled_limit=99.0).fit_transform(X)[: NORMAL.argmax()]
        for X in (NORMAL, extreme)
    )
    np.testing.assert_allclose(scaled, with_extreme, atol=1e-6)


def test_a_feature_without_a_percentile_range_has_a_deviation_of_one() -> None:
    rare = np.r_[np.full(97, 0.0), [5.0, 6.0, 7.0]].reshape(-1, 1)
    scaled = scaler("robust", scaled_limit=99.0).fit_transform(rare)
    assert scaled.std() == pytest.approx(1)


@pytest.mark.parametrize("scaling", LIMITED)
def test_a_constant_becomes_zero(scaling: str) -> None:
    scaled = scaler(scaling, scaled_limit=4.0).fit_transform(np.full((7, 1), 0.1))
    np.testing.assert_allclose(scaled, 0, atol=1e-12)


@pytest.mark.parametrize("scaling", LIMITED)
def test_differences_of_the_last_digit_are_not_scaled_up(scaling: str) -> None:
    equal = np.array([0.3, 0.1 + 0.2] * 50).reshape(-1, 1)
    assert np.ptp(equal) > 0
    scaled = scaler(scaling, scaled_limit=4.0).fit_transform(equal)
    np.testing.assert_allclose(scaled, 0, atol=1e-9)


def test_no_scaling_keeps_values_as_they_are_however_large() -> None:
    unscaled = scaler("none", scaled_limit=4.0).fit_transform([[-9e4], [0.3], [4.0]])
    assert unscaled.ravel().tolist() == [-9e4, 0.3, 4.0]


@pytest.mark.parametrize("spread", [0.5, 1.0, 1.5])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_long_tail_becomes_short(spread: float, sign: int) -> None:
    long = sign * np.random.default_rng(0).lognormal(3, spread, size=(2000, 1))
    scaled = scaler("power", scaled_limit=9.0).fit_transform(long)
    assert abs(skew(scaled.ravel())) < 0.5
    assert (np.argsort(scaled, axis=0) == np.argsort(long, axis=0)).all()


def test_a_mirrored_feature_is_scaled_as_in_a_mirror() -> None:
    long = np.random.default_rng(0).exponential(size=(100, 1))
    scaled, mirrored = (
        scaler("power", scaled_limit=9.0).fit_transform(X) for X in (long, -long)
    )
    np.testing.assert_allclose(mirrored, -scaled, atol=1e-9)


def test_rare_values_stay_different_from_each_other() -> None:
    rare = np.r_[np.zeros(97), [5.0, 60.0, 700.0]].reshape(-1, 1)
    scaled = scaler("power", scaled_limit=99.0).fit_transform(rare)
    assert len(np.unique(scaled.round(6))) == 4
