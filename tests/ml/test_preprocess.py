"""Preprocess: from a raw matrix to scaled numbers, per side."""

import numpy as np
import pandas as pd
import pytest

from ml.preprocess import preprocessor
from tests.ml.sides import preparation_of

SETTINGS = {
    "share_transform": "hellinger",
    "share_exponent": 0.5,
    "shrink_shares": False,
    "imputation": "median",
    "max_same_value": 0.99,
    "max_correlation": 0.95,
    "scaling": "standard",
    "scaled_limit": 4.0,
    "outlier_score": 1.0,
    "n_components": 0.9,
    "random_state": 0,
}
RNG = np.random.default_rng(0)
NUMBERS = pd.DataFrame(RNG.normal(size=(50, 3)), columns=["AGE", "INCOME", "SPACE"])
LEVELS = pd.DataFrame(
    {
        "FORMAT": RNG.choice(["city", "mall", "rural"], size=50),
        "OWNER": RNG.choice(["chain", "franchise"], size=50),
    },
    dtype=object,
)


def scale(side: str, matrix: pd.DataFrame, **settings: str | float) -> np.ndarray:
    preparation = preparation_of(side, **SETTINGS | settings)
    return preprocessor(matrix, preparation).fit_transform(matrix)


def external(matrix: pd.DataFrame, **settings: str | float) -> np.ndarray:
    return scale("external", matrix, **settings)


def same_level_in_all_but(count: int) -> pd.DataFrame:
    """Return a categorical feature of a hundred stores, ``count`` of which differ."""
    levels = ["mall"] * count + ["city"] * (100 - count)
    return pd.DataFrame({"FORMAT": levels}, dtype=object)


def test_a_need_state_that_is_not_sold_is_zero() -> None:
    shares = pd.DataFrame(RNG.dirichlet(np.ones(4), size=30))
    shares[shares < 0.2] = np.nan
    np.testing.assert_array_equal(
        scale("internal", shares), scale("internal", shares.fillna(0.0))
    )


def test_the_internal_side_transforms_shares() -> None:
    shares = pd.DataFrame(RNG.dirichlet(np.ones(4), size=30))
    settings = {"scaling": "none", "share_transform": "hellinger"}
    np.testing.assert_allclose(scale("internal", shares, **settings), np.sqrt(shares))


@pytest.mark.parametrize(
    ("imputation", "expected"), [("median", 2), ("mean", 3), ("most_frequent", 1)]
)
def test_an_unknown_number_is_imputed(imputation: str, expected: float) -> None:
    matrix = pd.DataFrame({"AGE": [1, 1, 2, 4, 7, np.nan]})
    settings = {"scaling": "none", "scaled_limit": 9.0, "imputation": imputation}
    assert external(matrix, **settings)[-1, 0] == expected


def test_an_unknown_number_is_that_of_the_stores_most_alike() -> None:
    group = np.repeat([0.0, 1.0], 10)
    noise = np.random.default_rng(0).normal(size=(20, 2))
    matrix = pd.DataFrame({"AGE": 50 * group, "RENT": 1e-3 * group, "SPACE": 9 * group})
    matrix += noise[:, [0]] * [1, 1e-5, 0.1]
    matrix.loc[[3, 15], "AGE"] = np.nan
    low, high = external(matrix, imputation="knn", max_correlation=1)[[3, 15], 0]
    assert (low, high) == (pytest.approx(-1, abs=0.2), pytest.approx(1, abs=0.2))


@pytest.mark.parametrize("unit", [1e-3, 1e3])
def test_the_stores_most_alike_are_the_same_in_any_unit(unit: float) -> None:
    known = RNG.random(NUMBERS.shape) > 0.1
    gaps = NUMBERS.where(known)
    np.testing.assert_allclose(
        external(gaps.assign(AGE=unit * gaps["AGE"]), imputation="knn"),
        external(gaps, imputation="knn"),
    )


@pytest.mark.parametrize("copy", ["INCOME", "SPACE"])
def test_a_feature_that_comes_twice_makes_no_store_more_alike(copy: str) -> None:
    gaps = NUMBERS.where(RNG.random(NUMBERS.shape) > 0.2)
    twice = gaps.assign(AGAIN=1000 * gaps[copy] - 7, CONSTANT=0.1)
    np.testing.assert_allclose(
        external(twice, imputation="knn"), external(gaps, imputation="knn")
    )


def test_no_numbers_are_left_where_none_varies() -> None:
    constant = pd.DataFrame({"AGE": [3.0] * 9, "RENT": [0.1] * 9})
    assert external(constant, imputation="knn").shape == (9, 0)


def test_an_unknown_level_is_the_most_frequent_one() -> None:
    matrix = pd.DataFrame({"FORMAT": ["mall", "city", "city", np.nan]}, dtype=object)
    scaled = external(matrix)
    np.testing.assert_array_equal(scaled[3], scaled[1])


def test_a_level_that_was_not_learnt_is_like_no_other() -> None:
    settings = preparation_of("external", **SETTINGS)
    transformer = preprocessor(LEVELS, settings).fit(LEVELS)
    other = pd.DataFrame({"FORMAT": ["airport"], "OWNER": ["chain"]}, dtype=object)
    scaled = transformer.transform(other)
    assert np.isfinite(scaled).all()
    assert not (transformer.transform(LEVELS) == scaled).all(axis=1).any()


def test_a_categorical_feature_has_the_variance_of_a_number() -> None:
    for name in LEVELS:
        assert external(LEVELS[[name]]).var(axis=0).sum() == pytest.approx(1)
    assert external(NUMBERS).var(axis=0).tolist() == pytest.approx([1, 1, 1])


def test_numbers_and_levels_stand_side_by_side() -> None:
    both = external(pd.concat([LEVELS, NUMBERS], axis=1))
    apart = np.hstack([external(NUMBERS), external(LEVELS)])
    np.testing.assert_array_equal(both, apart)


def test_a_level_that_all_stores_share_is_zero() -> None:
    assert not external(same_level_in_all_but(0)).any()


def test_a_level_that_nearly_all_stores_share_is_dropped_as_a_number_is() -> None:
    numbers = NUMBERS.sample(100, replace=True, random_state=0, ignore_index=True)
    rare = pd.concat([numbers, same_level_in_all_but(1)], axis=1)
    scaled = external(rare, max_same_value=0.98)
    np.testing.assert_allclose(scaled[:, 3:], 0, atol=1e-12)


def test_a_categorical_feature_that_says_what_another_says_is_dropped() -> None:
    codes = {"city": "C", "mall": "M", "rural": "R"}
    double = LEVELS.assign(CODE=LEVELS["FORMAT"].map(codes).astype(object))
    np.testing.assert_array_equal(external(double), external(LEVELS))


def test_a_finer_categorical_feature_says_more_than_a_coarse_one() -> None:
    coarse = LEVELS["FORMAT"].replace({"mall": "city"})
    both = LEVELS[["FORMAT"]].assign(KIND=coarse.astype(object))
    assert external(both).shape == (50, 3 + 2)


@pytest.mark.parametrize("other", [3, 9])
def test_two_levels_say_the_same_as_far_as_two_numbers_do(other: int) -> None:
    first = np.arange(100) % 2
    second = np.where(np.arange(100) < other, 1 - first, first)
    correlation = np.corrcoef(first, second)[0, 1]
    names = np.array(["no", "yes"], dtype=object)
    levels = pd.DataFrame({"A": names[first], "B": names[second]}, dtype=object)
    above, below = (
        external(levels, max_correlation=limit).shape[1]
        for limit in (correlation - 0.01, correlation + 0.01)
    )
    assert (above, below) == (2, 4)


def test_a_rare_level_stays_within_the_scaled_limit() -> None:
    assert np.abs(external(same_level_in_all_but(2))).max() <= SETTINGS["scaled_limit"]


def test_a_number_that_nearly_all_stores_share_is_dropped() -> None:
    rare = NUMBERS.assign(RARE=[1.0] + [0.0] * 49)
    assert external(rare, max_same_value=0.97).shape == (50, 3)
    assert external(rare, max_same_value=0.98).shape == (50, 4)


def test_a_number_that_says_what_another_says_is_dropped() -> None:
    double = NUMBERS.assign(ZIP_INCOME=2 * NUMBERS["INCOME"])
    np.testing.assert_array_equal(external(double), external(NUMBERS))


def test_of_two_numbers_that_say_the_same_the_must_keep_one_stays() -> None:
    double = NUMBERS.assign(ZIP_INCOME=2 * NUMBERS["INCOME"] + NUMBERS["AGE"] / 9)
    kept = external(double, must_keep=["ZIP_INCOME"])
    expected = double[["ZIP_INCOME", "AGE", "SPACE"]]
    np.testing.assert_allclose(kept, external(expected, max_correlation=1))


def test_two_must_keep_numbers_both_stay_though_they_say_the_same() -> None:
    double = NUMBERS.assign(ZIP_INCOME=2 * NUMBERS["INCOME"])
    both = ["INCOME", "ZIP_INCOME"]
    assert external(double, must_keep=both).shape == (50, 4)
    assert external(double).shape == (50, 3)


def test_of_two_levels_that_say_the_same_the_must_keep_one_stays() -> None:
    codes = LEVELS["FORMAT"].map({"city": "C", "mall": "M", "rural": "R"})
    double = LEVELS.assign(CODE=codes.astype(object))
    for name in ("CODE", "FORMAT"):
        assert external(double, must_keep=[name]).shape == (50, 3 + 2)
    assert external(double, must_keep=["CODE", "FORMAT"]).shape == (50, 3 + 3 + 2)


@pytest.mark.parametrize("imputation", ["median", "knn"])
def test_must_keep_features_stay_even_where_they_say_nothing(imputation: str) -> None:
    said = {"imputation": imputation, "must_keep": ["AGAIN", "ONE", "SAME"]}
    levels = LEVELS.assign(SAME="open").astype(object)
    more = NUMBERS.assign(AGAIN=NUMBERS["AGE"], ONE=0.1)
    without = external(pd.concat([NUMBERS, LEVELS], axis=1), imputation=imputation)
    kept = external(pd.concat([more, levels], axis=1), **said)
    assert kept.shape[1] == without.shape[1] + 2  # AGE goes, AGAIN stands for it


def test_what_nearly_all_stores_share_is_kept_where_it_must_be() -> None:
    rare = NUMBERS.assign(RARE=[1.0] + [0.0] * 49)
    assert external(rare, max_same_value=0.97, must_keep=["RARE"]).shape == (50, 4)
    levels = same_level_in_all_but(1)
    assert external(levels, max_same_value=0.98, must_keep=["FORMAT"]).any()
