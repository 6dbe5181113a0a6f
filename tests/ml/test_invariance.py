"""Invariance: changes that say nothing about stores do not change their clusters."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.candidates import score_candidates
from ml.cluster import fit_clusters
from ml.preparation import fit_projections, prepare
from ml.settings import Fit, Search
from tests.ml.sides import preparation_of

PREPARATION = {
    "share_transform": "cube_root",
    "share_exponent": 0.5,
    "shrink_shares": True,
    "imputation": "median",
    "max_same_value": 0.99,
    "max_correlation": 0.9,
    "scaled_limit": 4.0,
    "outlier_score": 0.6,
    "reduction": "pca",
    "n_components": 0.9,
    "random_state": 42,
}
ALGORITHM = {
    "algorithm": "kmeans",
    "n_init": 2,
    "min_cluster_size": 5,
    "random_state": 42,
}
SCALINGS = {"internal": "none", "external": "power"}
STORES = 60
NOTHING_FIXED = pd.DataFrame({"category": [], "side": [], "k": []})

# few inputs, each changed in many ways
seeds = st.integers(0, 4)
orders = st.integers(0, 10_000).map(np.random.default_rng)
both_sides = pytest.mark.parametrize("side", ["internal", "external"])

preparations = pytest.mark.parametrize(
    "settings", [{}, {"reduction": "famd"}, {"imputation": "knn"}], ids=str
)


class Input(NamedTuple):
    features: pd.DataFrame
    stores: pd.DataFrame


class Result(NamedTuple):
    scores: pd.DataFrame
    clusters: pd.DataFrame


@cache
def input_of(side: str, seed: int) -> Input:
    """Return blurred groups of stores, as dirty as real ones."""
    rng = np.random.default_rng(seed)
    matrix = sales(rng) if side == "internal" else surroundings(rng)
    stores = pd.DataFrame({"store_id": matrix.index, "category": "GIN"})
    return Input(long_form(matrix), stores.assign(is_eligible=rng.random(STORES) > 0.1))


def store_ids() -> pd.Index:
    return pd.Index([str(1000 + number) for number in range(STORES)], name="store_id")


def sales(rng: np.random.Generator) -> pd.DataFrame:
    """Return sales by need state; what is not sold is null."""
    kinds = rng.dirichlet(np.full(7, 2.0), size=3)[rng.integers(0, 3, size=STORES)]
    shares = np.array([rng.dirichlet(9 * kind) for kind in kinds])
    sold = rng.multinomial(rng.integers(1, 300, size=STORES), shares)
    table = pd.DataFrame(9.5 * sold, index=store_ids()).add_prefix("NEED ")
    return table.where(table > 0)


def surroundings(rng: np.random.Generator) -> pd.DataFrame:
    """Return numbers, some unknown, and levels; three stores are like no other."""
    group = rng.integers(0, 4, size=STORES)
    numbers = 2 * rng.normal(size=(4, 5))[group] + rng.normal(size=(STORES, 5))
    related = numbers[:, [0]] + 0.5 * rng.normal(size=(STORES, 2))
    table = pd.DataFrame(np.hstack([numbers, related]), index=store_ids())
    table.iloc[:3] += rng.choice([-30, 30], size=(3, 7))
    table = table.add_prefix("NUMBER ").where(rng.random(table.shape) > 0.05)
    levels = np.where(rng.random(STORES) < 0.7, group % 3, rng.integers(0, 3, STORES))
    known = rng.random(STORES) > 0.05
    formats = pd.Series(levels, index=table.index).map({0: "city", 1: "mall", 2: "far"})
    return table.assign(FORMAT=formats.astype(object).where(known, None))


def long_form(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return one row per store and feature that is known."""
    long = matrix.reset_index().melt("store_id", var_name="feature", value_name="any")
    long = long.dropna(subset="any")
    is_level = long["any"].map(lambda value: isinstance(value, str))
    return pd.DataFrame(
        {
            "store_id": long["store_id"],
            "category": "GIN",
            "feature": long["feature"],
            "value": long["any"].mask(is_level).astype(float),
            "level": long["any"].where(is_level, None),
        }
    )


def run(side: str, given_input: Input, **settings: str | float) -> Result:
    """Return the scores, and the clusters of the k with the best silhouette."""
    preparation = {"scaling": SCALINGS[side]} | PREPARATION | settings
    given = preparation_of(side, **preparation)
    features = given_input.features
    prepared = prepare(given_input.stores, features, given)
    projections = fit_projections(prepared, features, given)
    search = Search(
        min_clusters=2,
        max_clusters=5,
        stability_resamples=2,
        min_stability=0.6,
        max_size_floor_share=0.1,
        **ALGORITHM,
    )
    scores = score_candidates(prepared, projections, NOTHING_FIXED, search, side=side)
    best = scores.loc[[scores["silhouette"].idxmax()], ["category", "k"]]
    return Result(scores, fit_clusters(prepared, best, Fit(**ALGORITHM)))


@cache
def expected_of(side: str, seed: int, **settings: str) -> Result:
    return run(side, input_of(side, seed), **settings)


def assert_same(result: Result, expected: Result) -> None:
    """Compare scores to nine decimals, and clusters store by store."""
    close = {"check_exact": False, "rtol": 1e-9, "atol": 1e-9}
    pd.testing.assert_frame_equal(result.scores, expected.scores, **close)
    pd.testing.assert_frame_equal(result.clusters, expected.clusters, **close)


def add(given_input: Input, matrix: pd.DataFrame) -> Input:
    added = long_form(matrix.rename_axis(index="store_id"))
    features = pd.concat([given_input.features, added], ignore_index=True)
    return given_input._replace(features=features)


def feature_of(given_input: Input, name: str) -> pd.Series:
    rows = given_input.features.query("feature == @name").set_index("store_id")
    return rows["value"].astype(object).where(rows["value"].notna(), rows["level"])


def change_unit(given_input: Input, name: str, factor: float, offset: float) -> Input:
    """Express one feature in another unit."""
    features = given_input.features
    changed = features["value"] * factor + offset
    is_it = features["feature"] == name
    return given_input._replace(
        features=features.assign(value=features["value"].mask(is_it, changed))
    )


@both_sides
@given(seed=seeds, rng=orders)
def test_row_order_does_not_matter(
    side: str, seed: int, rng: np.random.Generator
) -> None:
    before = input_of(side, seed)
    shuffled = Input(*(table.sample(frac=1, random_state=rng) for table in before))
    assert_same(run(side, shuffled), expected_of(side, seed))


@both_sides
@given(seed=seeds, rng=orders)
def test_the_names_and_the_order_of_features_do_not_matter(
    side: str, seed: int, rng: np.random.Generator
) -> None:
    before = input_of(side, seed)
    names = sorted(before.features["feature"].unique())
    new_names = [f"F{number}" for number in rng.permutation(len(names))]
    renamed = before.features.replace(
        {"feature": dict(zip(names, new_names, strict=True))}
    )
    after = run(side, before._replace(features=renamed))
    assert_same(after, expected_of(side, seed))


@both_sides
@given(seed=seeds, rng=orders)
def test_the_names_of_stores_do_not_matter(
    side: str, seed: int, rng: np.random.Generator
) -> None:
    new_names = [f"S{number:02}" for number in rng.permutation(STORES)]
    names = dict(zip(store_ids(), new_names, strict=True))
    before = input_of(side, seed)
    after = run(side, Input(*(table.replace({"store_id": names}) for table in before)))
    old_names = {new: old for old, new in names.items()}
    clusters = after.clusters.replace({"store_id": old_names}).sort_values("store_id")
    after = Result(after.scores, clusters.reset_index(drop=True))
    assert_same(*(without_lots(r) for r in (after, expected_of(side, seed))))


def without_lots(result: Result) -> Result:
    """Leave out what depends on the lots that stores draw, by their names."""
    lots = ["stability", "is_reproducible", "is_eligible", "combined_score"]
    return result._replace(scores=result.scores.drop(columns=lots))


@preparations
@given(
    seed=seeds,
    copied=st.sampled_from(["NUMBER 0", "NUMBER 5", "FORMAT"]),
    name=st.sampled_from(["AAA", "NUMBER 3 AGAIN", "ZZZ"]),
)
def test_a_feature_that_comes_twice_counts_once(
    settings: dict[str, str], seed: int, copied: str, name: str
) -> None:
    before = input_of("external", seed)
    twice = add(before, feature_of(before, copied).to_frame(name))
    expected = expected_of("external", seed, **settings)
    assert_same(run("external", twice, **settings), expected)


@preparations
@given(
    seed=seeds,
    name=st.sampled_from(["NUMBER 0", "NUMBER 3", "NUMBER 6"]),
    unit=st.sampled_from([(1e-3, 0.0), (1e3, 0.0), (1.8, 32.0), (1.0, 273.15)]),
)
def test_the_unit_of_a_feature_does_not_matter(
    settings: dict[str, str], seed: int, name: str, unit: tuple[float, float]
) -> None:
    changed = change_unit(input_of("external", seed), name, *unit)
    expected = expected_of("external", seed, **settings)
    assert_same(run("external", changed, **settings), expected)


@preparations
@given(
    seed=seeds,
    constant=st.sampled_from([0.0, 0.1, 12345.6, "open"]),
    name=st.sampled_from(["AAA", "ZZZ"]),
)
def test_a_feature_that_is_the_same_everywhere_says_nothing(
    settings: dict[str, str], seed: int, constant: float | str, name: str
) -> None:
    before = input_of("external", seed)
    more = add(before, pd.DataFrame({name: constant}, index=store_ids()))
    expected = expected_of("external", seed, **settings)
    assert_same(run("external", more, **settings), expected)


@given(seed=seeds, name=st.sampled_from(["AAA", "ZZZ"]))
def test_a_need_state_that_no_store_sells_says_nothing(seed: int, name: str) -> None:
    unsold = pd.DataFrame({name: 0.0}, index=store_ids())
    more = add(input_of("internal", seed), unsold)
    assert_same(run("internal", more), expected_of("internal", seed))


@given(seed=seeds, unit=st.sampled_from([100.0, 0.01, 1.0837]))
def test_sales_in_another_currency_give_the_same_clusters(
    seed: int, unit: float
) -> None:
    before = input_of("internal", seed)
    features = before.features.assign(value=unit * before.features["value"])
    after = run("internal", before._replace(features=features))
    assert_same(after, expected_of("internal", seed))
