"""Reduce: components of numbers, and of numbers and levels together."""

import numpy as np
import pandas as pd
import pytest
from prince import FAMD
from scipy.spatial.distance import pdist
from sklearn.decomposition import PCA

from ml.projection import Projection
from ml.reduce import principal_components
from tests.ml.sides import preparation_of

RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(50, [1, 9, 30, 5], size=(60, 4)) @ RNG.normal(size=(4, 4))
LEVELS = pd.DataFrame(
    {
        "FORMAT": RNG.choice(["city", "mall", "rural"], size=60, p=[0.6, 0.3, 0.1]),
        "OWNER": RNG.choice(["chain", "franchise"], size=60),
    },
    dtype=object,
)
# Numbers as they are, together with levels.
PLAIN = {
    "max_same_value": 1.0,
    "max_correlation": 1.0,
    "scaled_limit": 99.0,
    "outlier_score": 1.0,
    "random_state": 0,
    "imputation": "median",
    "scaling": "none",
    "reduction": "famd",
}
EVERY = np.ones(60, dtype=bool)
MOST = np.arange(60) < 45


def reduced(
    numbers: np.ndarray = NUMBERS,
    fit: np.ndarray = EVERY,
    *,
    n_components: float = 0.9,
) -> np.ndarray:
    return principal_components(numbers, fit, n_components=n_components)


def mixed(
    levels: pd.DataFrame = LEVELS,
    numbers: np.ndarray = NUMBERS,
    fit: np.ndarray = EVERY,
    *,
    n_components: float = 99,
) -> np.ndarray:
    matrix = pd.concat([pd.DataFrame(numbers).add_prefix("N"), levels], axis=1)
    settings = preparation_of("external", **PLAIN, n_components=n_components)
    projection = Projection.learn(matrix[fit], settings)
    projection = projection.reduce(matrix[fit], settings)
    return projection.components(projection.scaled(matrix))


def assert_equal_up_to_sign(found: np.ndarray, expected: np.ndarray) -> None:
    signs = np.sign((found * expected).sum(axis=0))
    np.testing.assert_allclose(found, expected * signs, atol=1e-8)


def test_numbers_give_principal_components() -> None:
    assert_equal_up_to_sign(reduced(n_components=4), PCA().fit_transform(NUMBERS))


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_share_of_the_variance_is_kept(share: float) -> None:
    explained = np.cumsum(PCA().fit(NUMBERS).explained_variance_ratio_)
    kept = reduced(n_components=share).shape[1]
    assert explained[kept - 1] >= share
    assert kept == 1 or explained[kept - 2] < share


@pytest.mark.parametrize(("wanted", "kept"), [(1, 1), (1.0, 1), (3, 3), (9, 4)])
def test_a_number_of_components_is_kept_as_far_as_there_are(
    wanted: float, kept: int
) -> None:
    assert reduced(n_components=wanted).shape == (60, kept)


@pytest.mark.parametrize("rows", [2, 3])
def test_there_are_no_more_components_than_rows(rows: int) -> None:
    assert reduced(NUMBERS[:rows], EVERY[:rows], n_components=9).shape == (rows, rows)


@pytest.mark.parametrize("n_components", [0.9, 3])
def test_where_nothing_varies_there_is_one_column_of_zeros(n_components: float) -> None:
    components = reduced(np.ones((60, 3)), n_components=n_components)
    assert components.tolist() == [[0.0]] * 60


def test_axes_are_learnt_from_rows_in_the_fit_alone() -> None:
    moved = NUMBERS + 1000 * ~MOST[:, None]
    before, after = (reduced(numbers, MOST) for numbers in (NUMBERS, moved))
    np.testing.assert_array_equal(before[MOST], after[MOST])
    assert np.abs(before[~MOST] - after[~MOST]).min() > 1


@pytest.mark.parametrize("turned", [[0], [1, 3], [0, 1, 2, 3]])
def test_the_longer_tail_of_each_axis_is_positive(turned: list[int]) -> None:
    skewed = np.random.default_rng(0).exponential(size=(60, 4)) * [4, 3, 2, 1]
    skewed[:, turned] *= -1
    components = reduced(skewed, n_components=4)
    assert ((components**3).sum(axis=0) > 0).all()


def test_the_order_and_the_sign_of_columns_do_not_matter() -> None:
    np.testing.assert_allclose(reduced(-NUMBERS[:, [2, 0, 3, 1]]), reduced(), atol=2e-9)


def test_components_are_rounded_to_nine_decimals_and_have_no_negative_zero() -> None:
    components = reduced(np.array([[-1 / 3], [-1e-12], [1e-12], [1 / 3]]), EVERY[:4])
    np.testing.assert_array_equal(components, components.round(9))
    assert not np.signbit(components[components == 0]).any()


def test_mixed_components_are_those_of_prince() -> None:
    together = pd.concat([pd.DataFrame(NUMBERS).add_prefix("N"), LEVELS], axis=1)
    famd = FAMD(n_components=7, engine="scipy").fit(together)
    found = mixed(n_components=7)
    assert_equal_up_to_sign(found, famd.transform(together).to_numpy())
    explained = np.cumsum(famd.eigenvalues_) / famd.total_inertia_
    for share in (0.5, 0.8, 0.95):
        kept = mixed(n_components=share).shape[1]
        assert kept == (explained < share).sum() + 1


def test_no_more_mixed_components_are_kept_than_there_are() -> None:
    varying = mixed().var(axis=0) > 1e-9
    assert varying.sum() == 4 + 2 + 1
    assert mixed(n_components=2).shape == (60, 2)


def test_the_scale_of_mixed_numbers_does_not_matter() -> None:
    scaled = NUMBERS * [1e-3, 1, 7, 1000] + 5
    np.testing.assert_allclose(mixed(numbers=scaled), mixed(), atol=2e-9)


def test_rows_out_of_the_fit_do_not_move_those_in_it() -> None:
    other_levels = LEVELS.copy()
    other_levels.loc[~MOST] = ["city", "chain"]
    other_numbers = NUMBERS + 1000 * ~MOST[:, None]
    before = mixed(fit=MOST)
    after = mixed(other_levels, other_numbers, fit=MOST)
    np.testing.assert_array_equal(before[MOST], after[MOST])
    assert np.abs(before[~MOST] - after[~MOST]).max() > 1


def test_equal_rows_in_and_out_of_the_fit_have_equal_components() -> None:
    twice = pd.concat([LEVELS, LEVELS], ignore_index=True)
    components = mixed(twice, np.vstack([NUMBERS, NUMBERS]), np.r_[EVERY, ~EVERY])
    np.testing.assert_array_equal(components[:60], components[60:])


def test_an_unknown_level_counts_as_the_most_frequent() -> None:
    known = LEVELS.copy()
    known.loc[7, "FORMAT"] = "city"
    unknown = LEVELS.copy()
    unknown.loc[7, "FORMAT"] = np.nan
    np.testing.assert_array_equal(mixed(unknown), mixed(known))


def test_a_level_that_was_not_learnt_is_none_of_those_learnt() -> None:
    unseen = LEVELS.copy()
    unseen.loc[50, "FORMAT"] = "airport"
    components = mixed(unseen, fit=MOST)
    assert np.isfinite(components).all()
    for level in ("city", "mall", "rural"):
        unseen.loc[50, "FORMAT"] = level
        assert (mixed(unseen, fit=MOST)[50] != components[50]).any()


def test_without_a_categorical_feature_components_are_those_of_the_numbers() -> None:
    np.testing.assert_array_equal(mixed(LEVELS[[]]), reduced(n_components=99))


def test_without_a_number_stores_of_equal_levels_stand_at_one_point() -> None:
    components = mixed(numbers=np.zeros((60, 1)))
    combinations = LEVELS.drop_duplicates()
    assert len(np.unique(components, axis=0)) == len(combinations) == 6
    assert pdist(components[combinations.index]).min() > 0.1
