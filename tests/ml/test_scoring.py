"""Scoring: the clusters of stores by the models of a fit, and how sure they are."""

import numpy as np
import pandas as pd
import pytest

from ml import fit_centres, fit_projections, grow_forests, prepare
from ml.scoring import FitOfCategory, read_fits, score_stores
from ml.settings import Randomness, Weights
from tests.ml.sides import preparation_of
from tests.ml.test_assignment import (
    INTERNAL,
    PLACED_IN,
    SALES,
    SOLD_BY,
    STORES,
    WEIGHTS,
    fitted,
    names,
    sales_of,
)
from tests.ml.test_preparation import SETTINGS

__all__ = ["fitted"]  # a fixture

EXTERNAL = preparation_of("external", **SETTINGS)
NEW = "99"


def surroundings(places: np.ndarray, stores: list[str]) -> pd.DataFrame:
    """Return a number of each store: 0 or 8, by the kind of place."""
    known = {"store_id": stores, "category": None, "feature": "AGE", "level": None}
    return pd.DataFrame(known).assign(value=8.0 * places)


@pytest.fixture(scope="module")
def fits(fitted: pd.DataFrame) -> dict[str, FitOfCategory]:
    """Return the models of 60 stores; cluster 4 was merged into 3, store 00 moved."""
    given = preparation_of("internal", **INTERNAL)
    around = surroundings(PLACED_IN, names()).assign(category="GIN")
    projections = [
        fit_projections(fitted, features, settings).assign(side=side)
        for side, features, settings in (
            ("internal", SALES, given),
            ("external", around, EXTERNAL),
        )
    ]
    stores = fitted[["store_id", "category"]].assign(is_eligible=True)
    prepared = prepare(stores, around, EXTERNAL).set_index("store_id")["components"]
    joint = fitted.assign(external_components=fitted["store_id"].map(prepared))
    external = joint.rename(
        columns={"external_components": "components", "external_cluster": "cluster"}
    )
    sides = joint.assign(internal_is_fitted=True, external_is_fitted=True)
    numbers = np.array([1, 2, 3, 3])
    clusters = pd.DataFrame({"category": "GIN", "raw_cluster": [1, 2, 3, 4]})
    then = joint.assign(
        cluster_id=numbers[fitted["raw_cluster"].to_numpy() - 1], is_override=False
    )
    moved = then["store_id"] == "00"
    then.loc[moved, ["cluster_id", "is_override"]] = [2, True]
    columns = pd.concat(projections, ignore_index=True)
    models = {
        "projections": columns,
        "centres": fit_centres(
            joint.drop(columns="raw_cluster"), joint, external, Weights(**WEIGHTS)
        ),
        "forests": grow_forests(sides, Randomness(random_state=42)),
        "stores": then,
        "clusters": clusters.assign(cluster_id=numbers),
        "categories": pd.DataFrame({"category": ["GIN"], "scope": ["GIN"]}),
    }
    return read_fits(models, given)


def score(
    fits: dict[str, FitOfCategory],
    kinds: np.ndarray,
    places: np.ndarray,
    stores: list[str],
) -> pd.DataFrame:
    rows = pd.DataFrame({"store_id": stores, "category": "GIN", "split_value": None})
    sales = sales_of(kinds, stores).drop(columns="odd_sales")
    around = surroundings(places, stores)
    return score_stores(rows, sales, around, fits).set_index("store_id")


def test_corrections_hold_for_stores_and_clusters(fits, fitted):
    scores = score(fits, SOLD_BY, PLACED_IN, names())
    raw = fitted.set_index("store_id")["raw_cluster"]
    assert scores.loc["00", ["method", "cluster_id"]].tolist() == ["override", 2]
    others = scores.drop("00")
    assert set(others["method"]) == {"kept"}
    assert others["cluster_id"].tolist() == raw.drop("00").clip(upper=3).tolist()


def test_a_new_store_goes_where_its_like_are(fits, fitted):
    scores = score(fits, np.array([1]), np.array([1]), [NEW])
    raw = fitted.set_index("store_id")["raw_cluster"].clip(upper=3)
    assert scores.loc[NEW, "cluster_id"] == raw["31"]
    assert scores.loc[NEW, "method"] == "nearest"
    assert scores.loc[NEW, "probability"] > 0.9
    assert scores.loc[NEW, "next_best_distance"] > scores.loc[NEW, "distance"]


def test_a_store_between_two_kinds_is_less_sure(fits):
    amid, like = (
        score(fits, np.array([1]), np.array([place]), [NEW])["probability"].iloc[0]
        for place in (0.5, 1)
    )
    assert amid < like


def test_a_store_is_scored_alike_whoever_is_scored_with_it(fits):
    stores = [f"new {number}" for number in range(STORES)]
    together = score(fits, SOLD_BY, PLACED_IN, stores)
    alone = score(fits, SOLD_BY[:1], PLACED_IN[:1], stores[:1])
    columns = ["cluster_id", "merged_cluster", "method"]
    assert together.loc[stores[0], columns].tolist() == alone.iloc[0][columns].tolist()
