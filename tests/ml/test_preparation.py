"""Prepare: components of every store, learnt from the stores in the fit."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist

from ml.preparation import PREPARED, prepare
from tests.ml.sides import preparation_of

SETTINGS = {
    "share_transform": "hellinger",
    "share_exponent": 0.5,
    "shrink_shares": False,
    "imputation": "median",
    "max_same_value": 0.99,
    "max_correlation": 0.95,
    "scaling": "robust",
    "scaled_limit": 4.0,
    "outlier_score": 1.0,
    "reduction": "pca",
    "n_components": 0.9,
    "random_state": 42,
}
FIND_OUTLIERS = {"outlier_score": 0.7}
COLUMNS = ["store_id", "category", "feature", "value", "level"]

both_sides = pytest.mark.parametrize("side", ["internal", "external"])


def store_ids(count: int) -> list[str]:
    return [str(1000 + number) for number in range(count)]


def stores_of(category: str, eligible: list[bool] | np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "store_id": store_ids(len(eligible)),
            "category": category,
            "is_eligible": eligible,
        }
    )


def long_form(values: np.ndarray, *, category: str | None = None) -> pd.DataFrame:
    """Return numeric features in long form; what is null has no row."""
    names = [f"F{number}" for number in range(values.shape[1])]
    features = (
        pd.DataFrame(values, columns=names)
        .assign(store_id=store_ids(len(values)), category=category, level=None)
        .melt(["store_id", "category", "level"], var_name="feature")
    )
    return features.dropna(subset="value")[COLUMNS]


def levels_of(levels: list[str | None]) -> pd.DataFrame:
    ids = store_ids(len(levels))
    rows = [
        (store, None, "FORMAT", np.nan, level)
        for store, level in zip(ids, levels, strict=True)
    ]
    return pd.DataFrame(rows, columns=COLUMNS).dropna(subset="level")


def features_of(side: str, count: int, *, seed: int = 0) -> pd.DataFrame:
    """Return features as they come: unsold need states, unknown numbers, levels."""
    rng = np.random.default_rng(seed)
    if side == "internal":
        shares = rng.dirichlet(np.full(6, 0.8), size=count)
        return long_form(np.where(shares > 0.02, shares, np.nan), category="GIN")
    numbers = rng.normal(50, [1, 9, 30, 5], size=(count, 4))
    numbers[rng.random(numbers.shape) < 0.1] = np.nan
    levels = rng.choice(["city", "mall", "rural"], size=count)
    return pd.concat([long_form(numbers), levels_of(levels.tolist())])


def run(
    features: pd.DataFrame,
    stores: pd.DataFrame,
    *,
    side: str = "external",
    **settings: str | float,
) -> pd.DataFrame:
    return prepare(stores, features, preparation_of(side, **SETTINGS | settings))


def plain(prepared: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with components as lists, comparable digit by digit."""
    lists = {
        name: pd.Series(
            [None if c is None else list(c) for c in prepared[name]], dtype=object
        )
        for name in ("components", "scaled")
    }
    return prepared.assign(**lists)


def assert_same(prepared: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(plain(prepared), plain(other), check_exact=True)


def components(prepared: pd.DataFrame) -> np.ndarray:
    return np.vstack(prepared["components"])


@both_sides
def test_row_order_of_both_inputs_does_not_matter(side: str) -> None:
    features = features_of(side, 60)
    eligible = np.arange(60) % 5 > 0
    stores = pd.concat([stores_of("GIN", eligible), stores_of("RUM", ~eligible)])
    expected = run(features, stores, side=side, outlier_score=0.55)
    assert expected["is_outlier"].any()
    for seed in range(2):
        shuffled = run(
            features.sample(frac=1, random_state=seed),
            stores.sample(frac=1, random_state=seed + 100),
            side=side,
            outlier_score=0.55,
        )
        assert_same(shuffled, expected)


@both_sides
def test_ineligible_stores_are_never_learnt_from(side: str) -> None:
    eligible = np.arange(60) >= 6
    stores = stores_of("GIN", eligible)
    features = features_of(side, 60)
    odd = features["store_id"].isin(store_ids(6))
    own = features[odd].assign(feature="OWN", value=0.5, level=None)
    changed = features.assign(
        value=features["value"].mask(odd, 0.9 * features["value"] + 7),
        level=features["level"].mask(odd & features["level"].notna(), "airport"),
    )
    changed = pd.concat([changed, own.drop_duplicates("store_id")])
    before, after = (
        run(rows, stores, side=side, **FIND_OUTLIERS) for rows in (features, changed)
    )
    assert_same(before[6:].reset_index(drop=True), after[6:].reset_index(drop=True))
    assert not np.allclose(components(before[:6]), components(after[:6]))


@both_sides
def test_ineligible_stores_are_expressed_in_the_same_components(side: str) -> None:
    features = features_of(side, 60)
    twin = features[features["store_id"] == "1000"].assign(store_id="1060")
    stores = stores_of("GIN", np.arange(61) < 60)
    prepared = run(pd.concat([features, twin]), stores, side=side)
    assert prepared["in_fit"].tolist() == [True] * 60 + [False]
    np.testing.assert_allclose(*components(prepared)[[0, 60]], atol=1e-8)


@both_sides
def test_a_store_without_features_has_no_components(side: str) -> None:
    stores = stores_of("GIN", [True] * 30)
    features = features_of(side, 30)
    prepared = run(features[features["store_id"] != "1003"], stores, side=side)
    assert prepared["components"].isna().to_numpy().nonzero()[0].tolist() == [3]
    assert prepared["components"][3] is None
    assert not prepared["in_fit"][3]
    assert prepared["in_fit"].sum() == 29


@both_sides
def test_a_store_without_features_does_not_change_the_others(side: str) -> None:
    features = features_of(side, 30)
    without = run(features, stores_of("GIN", [True] * 30), side=side)
    with_one = run(features, stores_of("GIN", [True] * 31), side=side)
    np.testing.assert_allclose(
        components(with_one[:30]), components(without), rtol=0, atol=1e-8
    )


@both_sides
@pytest.mark.parametrize("eligible", [0, 1])
def test_a_category_with_too_few_eligible_stores_has_no_components(
    side: str, eligible: int
) -> None:
    features = features_of(side, 20)
    rum = features.assign(category="RUM") if side == "internal" else features.head(0)
    stores = pd.concat(
        [
            stores_of("GIN", [True] * 20),
            stores_of("RUM", np.arange(20) < eligible),
        ]
    )
    prepared = run(pd.concat([features, rum]), stores, side=side)
    few = prepared[prepared["category"] == "RUM"]
    assert few["components"].isna().all()
    assert not few[["in_fit", "is_outlier"]].any(axis=None)
    others = prepared[prepared["category"] == "GIN"]
    assert_same(others, run(features, stores_of("GIN", [True] * 20), side=side))


@both_sides
@pytest.mark.parametrize("count", [2, 3])
def test_few_eligible_stores_are_enough(side: str, count: int) -> None:
    prepared = run(
        features_of(side, count), stores_of("GIN", [True] * count), side=side
    )
    assert prepared["in_fit"].all()
    assert pdist(components(prepared)).min() > 0


@both_sides
def test_stores_that_are_all_alike_stand_at_one_point(side: str) -> None:
    alike = features_of(side, 1)
    features = pd.concat([alike.assign(store_id=store) for store in store_ids(7)])
    prepared = run(features, stores_of("GIN", [True] * 7), side=side)
    assert components(prepared).tolist() == [[0.0]] * 7
    assert prepared["in_fit"].all()


@both_sides
@pytest.mark.parametrize("scaling", ["robust", "standard", "minmax", "none"])
def test_no_scaling_makes_a_difference_of_equal_numbers(
    side: str, scaling: str
) -> None:
    features = long_form(np.full((13, 3), 0.1), category="GIN")
    stores = stores_of("GIN", [True] * 13)
    assert not components(run(features, stores, side=side, scaling=scaling)).any()


@both_sides
def test_no_stores_give_an_empty_frame_of_the_same_types(side: str) -> None:
    features, stores = features_of(side, 20), stores_of("GIN", [True] * 20)
    filled = run(features, stores, side=side)
    empty = run(features.head(0), stores.head(0), side=side)
    assert empty.empty
    assert empty.columns.tolist() == list(PREPARED)
    pd.testing.assert_series_equal(empty.dtypes, filled.dtypes)


@both_sides
def test_stores_of_which_nothing_is_known_have_no_components(side: str) -> None:
    stores = stores_of("GIN", [True] * 4)
    prepared = run(features_of(side, 4).head(0), stores, side=side)
    assert prepared["store_id"].tolist() == store_ids(4)
    assert prepared["components"].isna().all()
    assert not prepared["in_fit"].any()


def test_features_of_another_category_do_not_matter() -> None:
    features, stores = features_of("internal", 30), stores_of("GIN", [True] * 30)
    rum = features_of("internal", 30, seed=1).assign(category="RUM")
    assert_same(
        run(pd.concat([rum, features]), stores, side="internal"),
        run(features, stores, side="internal"),
    )


def test_features_of_all_categories_count_in_each() -> None:
    features = features_of("external", 30)
    stores = pd.concat([stores_of("GIN", [True] * 30), stores_of("RUM", [True] * 30)])
    gin, rum = (
        rows.reset_index(drop=True).drop(columns="category")
        for _, rows in run(features, stores).groupby("category")
    )
    assert_same(gin, rum)


def with_an_outlier(values: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return input of sixty ordinary stores and one that has ``values``."""
    ordinary = np.random.default_rng(3).normal(size=(60, 3))
    features = long_form(np.vstack([ordinary, values]))
    return features, stores_of("GIN", [True] * 61)


@both_sides
def test_an_outlier_is_out_of_the_fit_but_not_of_the_result(side: str) -> None:
    shares = np.random.default_rng(0).dirichlet(np.full(4, 50), size=40)
    shares[7] = [0.0, 0.0, 0.0, 1.0]
    features = long_form(shares, category="GIN")
    stores = stores_of("GIN", [True] * 40)
    prepared = run(features, stores, side=side, **FIND_OUTLIERS)
    assert np.flatnonzero(prepared["is_outlier"]).tolist() == [7]
    assert np.flatnonzero(~prepared["in_fit"]).tolist() == [7]
    assert np.linalg.norm(components(prepared), axis=1).argmax() == 7


def test_an_ineligible_store_is_no_outlier() -> None:
    features, stores = with_an_outlier([9, 9, -9])
    prepared = run(
        features, stores.assign(is_eligible=np.arange(61) < 60), **FIND_OUTLIERS
    )
    assert not prepared["is_outlier"][60]
    assert not prepared["in_fit"][60]


def test_the_axes_are_those_of_the_stores_in_the_fit() -> None:
    prepared = run(*with_an_outlier([9, 9, -9]), **FIND_OUTLIERS)
    assert prepared["is_outlier"][60]
    fitted = components(prepared[prepared["in_fit"]])
    np.testing.assert_allclose(fitted.mean(axis=0), 0, atol=1e-8)
    covariance = np.cov(fitted, rowvar=False)
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1e-8)


def test_two_features_that_only_an_outlier_makes_alike_are_both_kept() -> None:
    with_outlier = run(*with_an_outlier([300, 300, 0]), outlier_score=0.6)
    features, stores = with_an_outlier([300, 300, 0])
    without = run(features, stores.head(60))
    assert with_outlier["is_outlier"][60]
    assert len(with_outlier["components"][0]) == len(without["components"][0])


def test_spreads_are_those_of_the_stores_in_the_fit() -> None:
    near, far = (
        run(*with_an_outlier([size, -12, 12]), scaling="standard", **FIND_OUTLIERS)
        for size in (12, 24)
    )
    assert near["is_outlier"].tolist() == far["is_outlier"].tolist()
    np.testing.assert_allclose(
        components(near[near["in_fit"]]), components(far[far["in_fit"]]), atol=1e-8
    )


@pytest.mark.parametrize("outlier_score", [0.5, 0.1])
def test_a_score_that_every_store_reaches_does_not_end_the_run(
    outlier_score: float,
) -> None:
    stores = stores_of("GIN", [True, True])
    prepared = run(features_of("external", 2), stores, outlier_score=outlier_score)
    assert prepared["store_id"].tolist() == store_ids(2)


@pytest.mark.parametrize("n_components", [0.5, 0.9, 0.99])
def test_components_keep_the_variance_asked_for(n_components: float) -> None:
    values = np.random.default_rng(0).normal(size=(80, 8))
    features, stores = long_form(values), stores_of("GIN", [True] * 80)
    kept = components(run(features, stores, n_components=n_components))
    total = components(run(features, stores, n_components=1 - 1e-12))
    variances = total.var(axis=0)
    share = kept.var(axis=0).sum() / variances.sum()
    assert share >= n_components
    assert share - variances[kept.shape[1] - 1] / variances.sum() < n_components


@pytest.mark.parametrize("reduction", ["pca", "famd"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_number_of_components_can_be_asked_for(reduction: str, count: int) -> None:
    stores = stores_of("GIN", [True] * 40)
    prepared = run(
        features_of("external", 40), stores, reduction=reduction, n_components=count
    )
    assert components(prepared).shape == (40, count)


def test_mixed_components_weigh_levels_and_numbers_alike() -> None:
    features, stores = features_of("external", 60), stores_of("GIN", [True] * 60)
    pca, famd = (run(features, stores, reduction=name) for name in ("pca", "famd"))
    assert famd["in_fit"].all()
    assert components(famd).shape != components(pca).shape


def test_mixed_components_of_stores_in_the_fit_are_learnt_from_them_alone() -> None:
    features, eligible = features_of("external", 60), np.arange(60) >= 6
    odd = features["store_id"].isin(store_ids(6))
    changed = features.assign(
        value=features["value"].mask(odd, 9 * features["value"] + 7),
        level=features["level"].mask(odd & features["level"].notna(), "airport"),
    )
    stores = stores_of("GIN", eligible)
    before, after = (
        run(rows, stores, reduction="famd", **FIND_OUTLIERS)
        for rows in (features, changed)
    )
    assert_same(before[6:].reset_index(drop=True), after[6:].reset_index(drop=True))
    assert not np.allclose(components(before[:6]), components(after[:6]))


@pytest.mark.parametrize("known", ["numbers", "levels", "one level"])
def test_mixed_components_need_no_mixture(known: str) -> None:
    features = {
        "numbers": long_form(np.random.default_rng(0).normal(size=(20, 3))),
        "levels": levels_of(["city", "mall", "mall", "city"] * 5),
        "one level": levels_of(["city"] * 20),
    }[known]
    stores = stores_of("GIN", [True] * 20)
    places = components(run(features, stores, reduction="famd", n_components=0.99))
    assert len(np.unique(places, axis=0)) == {"numbers": 20, "levels": 2}.get(known, 1)


def test_must_keep_levels_are_in_mixed_components_too() -> None:
    lone = levels_of(["city"] * 199 + ["port"])
    numbers = long_form(np.random.default_rng(0).normal(size=(200, 3)))
    features, stores = pd.concat([numbers, lone]), stores_of("GIN", [True] * 200)
    settings = {"reduction": "famd", "n_components": 9}
    without = run(features, stores, **settings)
    kept = run(features, stores, must_keep=["FORMAT"], **settings)
    ranks = [(components(p).std(axis=0) > 1e-9).sum() for p in (without, kept)]
    assert ranks == [3, 4]


def test_a_level_of_one_store_alone_does_not_rule_mixed_components() -> None:
    lone = levels_of(["city"] * 199 + ["port"])
    numbers = long_form(np.random.default_rng(0).normal(size=(200, 3)))
    stores = stores_of("GIN", [True] * 200)
    with_lone, without = (
        run(features, stores, reduction="famd")
        for features in (pd.concat([numbers, lone]), numbers)
    )
    assert_same(with_lone, without)


def test_stores_that_differ_in_a_level_alone_stand_apart() -> None:
    levels = ["city", "mall", "mall", "city"] * 5
    prepared = run(levels_of(levels), stores_of("GIN", [True] * 20))
    places = components(prepared).round(6)
    assert len(np.unique(places, axis=0)) == 2
    assert (places[0] == places[3]).all()
    assert (places[0] != places[1]).any()


@pytest.mark.parametrize("outlier_score", [0.65, 1.0])
def test_stores_of_which_one_common_level_alone_is_known_stand_at_one_point(
    outlier_score: float,
) -> None:
    stores = stores_of("GIN", [True] * 10)
    prepared = run(levels_of(["city"] * 10), stores, outlier_score=outlier_score)
    assert components(prepared).tolist() == [[0.0]] * 10


def test_an_unknown_level_counts_as_the_most_frequent() -> None:
    numbers = long_form(np.arange(20.0).reshape(-1, 1) % 4)
    levels = ["city", "mall", "mall", None] * 5
    stores = stores_of("GIN", [True] * 20)
    known = [level or "mall" for level in levels]
    assert_same(
        run(pd.concat([numbers, levels_of(levels)]), stores),
        run(pd.concat([numbers, levels_of(known)]), stores),
    )


def test_an_unknown_number_counts_as_the_median() -> None:
    values = np.random.default_rng(0).normal(size=(41, 3))
    values[0, 0] = np.nan
    imputed = values.copy()
    imputed[0, 0] = np.nanmedian(values[:, 0])
    stores = stores_of("GIN", [True] * 41)
    unknown, known = (run(long_form(v), stores) for v in (values, imputed))
    np.testing.assert_allclose(components(unknown), components(known), atol=1e-8)


@pytest.mark.parametrize("unit", [(1, 0), (1.8, 32)])
def test_of_equally_near_stores_the_same_ones_tell_what_is_unknown(
    unit: tuple[float, float],
) -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, size=(60, 4)).astype(float)
    codes[rng.random(codes.shape) < 0.1] = np.nan
    order, other = rng.permutation(60), codes * [unit[0], 1, 1, 1] + [unit[1], 0, 0, 0]
    stores = stores_of("GIN", [True] * 60)
    before = run(long_form(codes), stores, imputation="knn")
    after = run(long_form(other[order]), stores, imputation="knn")
    np.testing.assert_allclose(
        components(after), components(before)[order], rtol=0, atol=2e-9
    )


def test_a_feature_that_no_store_in_the_fit_has_is_left_out() -> None:
    features = features_of("external", 30)
    own = pd.DataFrame([("1000", None, "OWN", 3.0, None)], columns=COLUMNS)
    stores = stores_of("GIN", np.arange(30) > 0)
    assert_same(
        run(pd.concat([features, own], ignore_index=True), stores),
        run(features, stores),
    )


def test_components_have_nine_decimals_and_no_negative_zero() -> None:
    values = np.array([[-1 / 3], [-1e-12], [1e-12], [1 / 3]])
    features, stores = long_form(values), stores_of("GIN", [True] * 4)
    places = components(run(features, stores, scaling="none"))
    np.testing.assert_array_equal(places, places.round(9))
    assert (places == 0).sum() == 2
    assert not np.signbit(places[places == 0]).any()


def test_sales_of_small_stores_are_shrunk_where_asked_for() -> None:
    rng = np.random.default_rng(0)
    bottles = np.r_[np.full(40, 3), rng.integers(500, 900, size=40)]
    sold = rng.multinomial(bottles, rng.dirichlet([9, 9, 9, 9], size=80)).astype(float)
    features = long_form(np.where(sold > 0, sold, np.nan), category="GIN")
    stores = stores_of("GIN", [True] * 80)
    plain, shrunk = (
        components(run(features, stores, side="internal", shrink_shares=shrink))
        for shrink in (False, True)
    )
    small, large = slice(0, 40), slice(40, 80)
    assert plain[small].std() > 2 * plain[large].std()
    assert shrunk[small].std() < shrunk[large].std()


@both_sides
def test_a_store_expressed_in_the_components_has_those_of_its_like(side: str) -> None:
    features = features_of(side, 40)
    doubled = features[features["store_id"] == "1000"].assign(store_id="1040")
    if side == "internal":
        doubled = doubled.assign(value=7 * doubled["value"])
    stores = stores_of("GIN", np.arange(41) < 40)
    prepared = run(pd.concat([features, doubled]), stores, side=side)
    np.testing.assert_allclose(*components(prepared)[[0, 40]], atol=1e-8)
