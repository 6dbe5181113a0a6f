"""Stores of now are assigned to the clusters of an earlier fit."""

import numpy as np
import pandas as pd
import pytest

from ml import (
    assign_stores,
    finish_clusters,
    fit_centres,
    fit_clusters,
    fit_projections,
    grow_forests,
    pair_clusters,
    place_surroundings,
    prepare,
)
from ml.assignment import ASSIGNED
from ml.settings import Finish, Fit, Randomness, Weights
from tests.ml.sides import preparation_of
from tests.ml.test_finish import OPTIONS
from tests.ml.test_preparation import SETTINGS

STORES = 60
# What sells in a store by its internal group, in money.
KINDS = np.array([[70.0, 20.0, 10.0], [10.0, 20.0, 70.0]])
NEED_STATES = ["DRY", "PLAIN", "SWEET"]
INTERNAL = {
    "max_same_value": 0.99,
    "max_correlation": 0.99,
    "scaled_limit": 4.0,
    "outlier_score": 1.0,
    "n_components": 2,
    "random_state": 42,
    "share_transform": "power",
    "share_exponent": 0.5,
    "shrink_shares": True,
    "scaling": "none",
}
WEIGHTS = {"internal_weight": 0.5, "external_weight": 0.5}
FIT = Fit(algorithm="kmeans", n_init=2, min_cluster_size=5, random_state=42)


def names(count: int = STORES) -> list[str]:
    return [f"{number:02}" for number in range(count)]


def sales_of(kinds: np.ndarray, stores: list[str], *, seed: int = 0) -> pd.DataFrame:
    """Return sales in long form: each store's near those of its kind."""
    rng = np.random.default_rng(seed)
    sold = KINDS[kinds] * rng.uniform(0.9, 1.1, size=(len(kinds), 3))
    return pd.DataFrame(
        {
            "store_id": np.repeat(stores, 3),
            "category": "GIN",
            "feature": NEED_STATES * len(stores),
            "value": sold.ravel(),
            "odd_sales": sold.ravel() / 2,
        }
    )


def surroundings_of(places: np.ndarray, stores: list[str]) -> pd.DataFrame:
    """Return what is known of stores beside their sales: two kinds of places."""
    return pd.DataFrame(
        {
            "store_id": stores,
            "category": "GIN",
            "external_components": [np.array([8.0 * place]) for place in places],
            "external_cluster": pd.array(places + 1, dtype="Int64"),
            "split_value": None,
        }
    )


SOLD_BY = np.arange(STORES) % 2
PLACED_IN = np.arange(STORES) // (STORES // 2)
SALES = sales_of(SOLD_BY, names())
SURROUNDINGS = surroundings_of(PLACED_IN, names())


@pytest.fixture(scope="module")
def fitted() -> pd.DataFrame:
    """Fit 60 stores: two internal by two external groups, four final clusters."""
    stores = SURROUNDINGS[["store_id", "category"]].assign(is_eligible=True)
    prepared = prepare(stores, SALES, preparation_of("internal", **INTERNAL))
    chosen_k = pd.DataFrame({"category": ["GIN"], "k": 2})
    internal = fit_clusters(prepared, chosen_k, FIT).set_index("store_id")
    rows = SURROUNDINGS.set_index("store_id").assign(
        internal_components=prepared.set_index("store_id")["components"],
        internal_cluster=internal["cluster"],
        internal_probability=internal["probability"],
        internal_is_fitted=internal["is_fitted"],
        external_probability=np.nan,
        external_is_fitted=True,
        is_outlier=False,
    )
    sides = rows.reset_index()
    pairs = pair_clusters(sides, grow_forests(sides, Randomness(random_state=42)))
    everything = pd.DataFrame({"category": [], "basis": [], "clusters": []})
    finals = finish_clusters(pairs, everything, Finish(**OPTIONS))
    return pairs.merge(finals).merge(prepared[["store_id", "category", "in_fit"]])


def assign(
    fitted: pd.DataFrame, sales: pd.DataFrame, surroundings: pd.DataFrame
) -> pd.DataFrame:
    settings = preparation_of("internal", **INTERNAL)
    external = fitted.rename(
        columns={"external_components": "components", "external_cluster": "cluster"}
    )
    sides = fitted.assign(
        internal_is_fitted=fitted["is_fitted"], external_is_fitted=True
    )
    assigned = assign_stores(
        surroundings,
        sales.drop(columns="odd_sales"),
        fitted,
        fit_projections(fitted[["store_id", "category", "in_fit"]], SALES, settings),
        fit_centres(
            fitted.drop(columns="raw_cluster"), fitted, external, Weights(**WEIGHTS)
        ),
        grow_forests(sides, Randomness(random_state=42)),
        settings,
    )
    return assigned.set_index("store_id")


def test_the_fit_has_four_clusters(fitted):
    assert sorted(fitted["raw_cluster"].value_counts()) == [15, 15, 15, 15]


def test_where_nothing_moved_all_is_as_fitted(fitted):
    result = assign(fitted, SALES, SURROUNDINGS).reset_index()
    components = ["internal_components", "external_components"]
    for column in components:
        found, expected = (np.vstack(f[column]) for f in (result, fitted))
        np.testing.assert_allclose(found, expected, atol=1e-9)
    rest = [column for column in ASSIGNED if column not in components]
    pd.testing.assert_frame_equal(result[rest], fitted[rest], atol=1e-9)


def test_stores_that_differ_by_chance_keep_their_clusters(fitted):
    result = assign(fitted, sales_of(SOLD_BY, names(), seed=1), SURROUNDINGS)
    expected = fitted.set_index("store_id")
    assert result["raw_cluster"].eq(expected["raw_cluster"]).all()
    moved = np.vstack(result["internal_components"])
    assert not np.allclose(moved, np.vstack(expected["internal_components"]))


def test_a_store_that_sells_what_others_sell_goes_to_them(fitted):
    kinds = SOLD_BY.copy()
    kinds[0] = 1
    result = assign(fitted, sales_of(kinds, names()), SURROUNDINGS)
    expected = fitted.set_index("store_id")["raw_cluster"]
    # store 01 sells so, in the same surroundings
    assert result.loc["00", "raw_cluster"] == expected["01"] != expected["00"]
    assert result.drop("00")["raw_cluster"].eq(expected.drop("00")).all()
    assert result.loc["00", "merged_cluster"] == result.loc["01", "merged_cluster"]
    assert result.loc["00", "is_fitted"]


def test_a_new_store_goes_to_its_like_and_a_closed_one_is_gone(fitted):
    stores = [*names()[1:], "99"]
    kinds, places = np.r_[SOLD_BY[1:], 1], np.r_[PLACED_IN[1:], 1]
    result = assign(fitted, sales_of(kinds, stores), surroundings_of(places, stores))
    assert set(result.index) == set(stores)
    expected = fitted.set_index("store_id")["raw_cluster"]
    assert result.loc["99", "raw_cluster"] == expected["31"]
    assert not result.loc["99", "is_fitted"]


@pytest.mark.parametrize(("sells", "known"), [(True, False), (False, True)])
def test_a_new_store_known_on_one_side_takes_the_usual_cluster_of_the_other(
    fitted, sells, known
):
    surroundings = surroundings_of(np.r_[PLACED_IN, 0], [*names(), "99"])
    if not known:
        surroundings.loc[STORES, ["external_components", "external_cluster"]] = None
    sales = sales_of(np.r_[SOLD_BY, 1], [*names(), "99"])
    if not sells:
        sales = sales[sales["store_id"] != "99"]
    result = assign(fitted, sales, surroundings)
    new, like = result.loc["99"], result.loc["01"]
    side = "internal" if sells else "external"
    assert new[f"{side}_cluster"] == like[f"{side}_cluster"]
    assert new["raw_cluster"] in set(fitted["raw_cluster"])


def test_a_store_of_which_nothing_is_known_gets_the_first_clusters(fitted):
    surroundings = surroundings_of(np.r_[PLACED_IN, 0], [*names(), "99"])
    surroundings.loc[STORES, ["external_components", "external_cluster"]] = None
    new = assign(fitted, SALES, surroundings).loc["99"]
    assert [new["internal_cluster"], new["external_cluster"]] == [1, 1]


def test_a_need_state_that_is_new_since_the_fit_is_left_out(fitted):
    more = SALES.drop_duplicates("store_id").assign(feature="NEW", value=999.0)
    result = assign(fitted, pd.concat([SALES, more]), SURROUNDINGS)
    expected = fitted.set_index("store_id")["raw_cluster"]
    assert result["raw_cluster"].eq(expected).all()
    only_new = SALES[SALES["store_id"] != "00"]
    result = assign(fitted, pd.concat([only_new, more]), SURROUNDINGS)
    assert result.loc["00", "internal_components"] is None
    assert result.loc["00", "raw_cluster"] == expected["00"]


def test_a_moved_store_stays_among_those_of_its_split_value(fitted):
    value = np.where(PLACED_IN == 0, "EAST", "WEST")
    fit = fitted.assign(split_value=value)
    fit["merged_cluster"] += "-" + fit["split_value"]
    surroundings = SURROUNDINGS.assign(split_value=value)
    surroundings.loc[0, "split_value"] = "WEST"
    result = assign(fit, SALES, surroundings)
    # no store of the fit has these clusters in the west: one with its sales does
    assert (
        result.loc["00", "raw_cluster"]
        == fit.set_index("store_id").loc["30", "raw_cluster"]
    )


def test_surroundings_are_placed_by_the_fit_of_their_scope():
    around = pd.DataFrame(
        {"store_id": names(), "category": "GIN", "feature": "AGE", "level": None}
    ).assign(value=8.0 * PLACED_IN)
    settings = preparation_of("external", **SETTINGS)
    stores = around[["store_id", "category"]].assign(is_eligible=True)
    prepared = prepare(stores, around, settings)
    projections = fit_projections(prepared, around, settings)
    now = pd.DataFrame(
        {"store_id": [*names(), "new"], "category": "RUM", "scope": "GIN"}
    )
    placed = place_surroundings(now, around, projections).set_index("store_id")
    found = placed.loc[names(), "external_components"]
    np.testing.assert_allclose(np.vstack(found), np.vstack(prepared["components"]))
    assert placed.loc["new", "external_components"] is None
