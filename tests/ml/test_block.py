"""Block: columns that count as one."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from ml.transformers import BlockScaler

RANDOM = np.random.default_rng(0).normal(3, [1, 10, 100], size=(50, 3))


def total_variance(X: np.ndarray) -> float:
    return X.var(axis=0).sum()


@parametrize_with_checks([BlockScaler(weight=1.0)])
def test_the_contract_of_scikit_learn_holds(
    estimator: BaseEstimator, check: Callable[[BaseEstimator], None]
) -> None:
    check(estimator)


def test_fit_returns_the_scaler_itself() -> None:
    scaler = clone(BlockScaler(weight=2.0))
    assert scaler.fit(RANDOM) is scaler
    assert scaler.get_params() == {"weight": 2.0}


def test_an_unfitted_scaler_is_refused() -> None:
    with pytest.raises(NotFittedError):
        BlockScaler(weight=1.0).transform(RANDOM)


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("weight", [0.5, 1, 7])
def test_the_variance_is_the_weight_whatever_the_width(
    width: int, weight: float
) -> None:
    scaled = BlockScaler(weight=weight).fit_transform(RANDOM[:, :width])
    assert total_variance(scaled) == pytest.approx(weight)


def test_a_block_is_centred() -> None:
    scaled = BlockScaler(weight=1.0).fit_transform(RANDOM)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)


def test_the_proportions_of_the_columns_stay() -> None:
    ratios = pdist(BlockScaler(weight=1.0).fit_transform(RANDOM)) / pdist(RANDOM)
    np.testing.assert_allclose(ratios, ratios[0])


def test_other_rows_are_scaled_as_learnt() -> None:
    scaler = BlockScaler(weight=1.0).fit(RANDOM)
    scaled = scaler.transform(np.vstack([RANDOM, RANDOM[[0]] + 1000]))
    np.testing.assert_allclose(scaled[:-1], scaler.transform(RANDOM))


def test_a_weight_of_zero_silences_a_block() -> None:
    assert not BlockScaler(weight=0.0).fit_transform(RANDOM).any()


def test_a_block_in_which_all_rows_are_alike_is_zero() -> None:
    for rows in range(1, 15):
        scaled = BlockScaler(weight=1.0).fit_transform(np.full((rows, 2), 0.1))
        np.testing.assert_allclose(scaled, 0, atol=1e-9, err_msg=f"{rows} rows")
