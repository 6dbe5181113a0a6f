"""Prepare: whatever numbers one column has, the others still make the clusters."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from ml.preparation import prepare
from tests.ml.sides import preparation_of
from tests.ml.test_preparation import (
    SETTINGS,
    components,
    long_form,
    store_ids,
    stores_of,
)

COUNT = 60
KIND = np.arange(COUNT) % 3  # the clusters that the other columns make
# What int_external_values lets pass: more is refused, and less is zero.
LARGEST, SMALLEST = 1e30, 1e-100

any_number = st.floats(-LARGEST, LARGEST).map(
    lambda number: number if abs(number) >= SMALLEST else 0.0
)
absurd = st.sampled_from(
    [LARGEST, -LARGEST, 1e15, SMALLEST, -SMALLEST, 1e-30, -999.0, 0.0, np.nan]
)


def ordinary() -> np.ndarray:
    return np.random.default_rng(7).normal(100, 15, COUNT)


def with_values(column: np.ndarray, values: list[float]) -> np.ndarray:
    """Put absurd values in the place of the first ones."""
    return np.r_[values, column[len(values) :]]


drawn = arrays(float, COUNT, elements=st.one_of(any_number, st.just(np.nan)))
absurd_columns = st.one_of(
    st.builds(with_values, st.builds(ordinary), st.lists(absurd, min_size=1)),
    st.builds(lambda value: np.full(COUNT, value), absurd),
    st.builds(
        lambda value, other: np.r_[other, np.full(COUNT - 1, value)], absurd, absurd
    ),
    st.builds(lambda column: column * SMALLEST, st.builds(ordinary)),
    st.builds(lambda column: np.where(ordinary() < 95, -999.0, column), st.just(1.0)),
    drawn,
)


def other_columns() -> np.ndarray:
    centres = np.random.default_rng(3).normal(0, 10, size=(3, 6))
    return centres[KIND] + np.random.default_rng(4).normal(size=(COUNT, 6))


def cluster(prepared: pd.DataFrame) -> np.ndarray:
    return KMeans(3, random_state=0, n_init=10).fit_predict(components(prepared))


@pytest.mark.parametrize("scaling", ["robust", "standard", "minmax"])
@pytest.mark.parametrize("imputation", ["median", "knn"])
@pytest.mark.parametrize("reduction", ["pca", "famd"])
@given(column=absurd_columns)
def test_one_absurd_column_does_not_rule_the_clusters(
    scaling: str, imputation: str, reduction: str, column: np.ndarray
) -> None:
    features = long_form(np.c_[other_columns(), column])
    settings = SETTINGS | {
        "scaling": scaling, "imputation": imputation, "reduction": reduction
    }  # fmt: skip
    prepared = prepare(
        stores_of("GIN", np.full(COUNT, True)),
        features,
        preparation_of("external", **settings),
    )
    assert np.isfinite(components(prepared)).all()
    assert adjusted_rand_score(KIND, cluster(prepared)) >= 0.9


@pytest.mark.parametrize("share_transform", ["power", "clr"])
@given(amount=st.sampled_from([1e-4, 1e-2, 1e8, 1e13]), size=st.integers(1, 5))
def test_absurd_sales_of_a_few_stores_do_not_rule_the_clusters(
    share_transform: str, amount: float, size: int
) -> None:
    shares = np.exp(other_columns() / 5)
    sales = 1000 * shares / shares.sum(axis=1, keepdims=True)
    sales[:size, 0] = amount
    features = long_form(sales, category="GIN")
    settings = SETTINGS | {"share_transform": share_transform, "shrink_shares": True}
    prepared = prepare(
        stores_of("GIN", np.full(COUNT, True)),
        features,
        preparation_of("internal", **settings),
    )
    assert np.isfinite(components(prepared)).all()
    others = np.arange(COUNT) >= size
    assert adjusted_rand_score(KIND[others], cluster(prepared)[others]) >= 0.9
    assert len(prepared) == len(store_ids(COUNT))
