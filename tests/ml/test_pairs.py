"""Pairs: a cluster on both sides for every store."""

import numpy as np
import pandas as pd
import pytest

from ml.joint import PAIRS, grow_forests, pair_clusters
from ml.settings import Randomness

# internal cluster 1 goes with surroundings around 0, 2 with those around 9
CLUSTER = np.repeat([1, 2], [18, 12])
PLACE = 9.0 * (CLUSTER[:, None] - 1) + np.random.default_rng(0).normal(size=(30, 2))
SIDES = ["internal", "external"]

both_sides = pytest.mark.parametrize(
    ("side", "other"), [("internal", "external"), ("external", "internal")]
)


def sides_of(*, category: str = "GIN") -> pd.DataFrame:
    """Return stores that are known on both sides."""
    rows = {
        "store_id": [str(1000 + number) for number in range(30)],
        "category": category,
        "is_outlier": False,
        "split_value": None,
    }
    for side in SIDES:
        rows |= {
            f"{side}_components": list(PLACE),
            f"{side}_cluster": pd.array(CLUSTER, dtype="Int64"),
            f"{side}_probability": np.nan,
            f"{side}_is_fitted": True,
        }
    return pd.DataFrame(rows)


def forget(sides: pd.DataFrame, side: str, *stores: int) -> pd.DataFrame:
    """Return the rows without what is known of those stores on that side."""
    sides = sides.copy()
    known = ~sides.index.isin(stores)
    for column in (f"{side}_components", f"{side}_cluster"):
        nothing = pd.NA if column.endswith("cluster") else None
        sides[column] = sides[column].where(known, nothing)
    sides[f"{side}_is_fitted"] &= known
    return sides


def infer(sides: pd.DataFrame, side: str, **probabilities: float) -> pd.DataFrame:
    """Return the rows with some stores' clusters inferred, by number of the store."""
    sides = sides.copy()
    for name, probability in probabilities.items():
        store = int(name.removeprefix("store_"))
        sides.loc[store, f"{side}_probability"] = probability
        sides.loc[store, f"{side}_is_fitted"] = False
    return sides


def pair(sides: pd.DataFrame) -> pd.DataFrame:
    trees = grow_forests(sides, Randomness(random_state=0))
    return pair_clusters(sides, trees)


def test_clusters_that_are_known_stay() -> None:
    pairs = pair(sides_of())
    assert pairs["internal_cluster"].tolist() == CLUSTER.tolist()
    assert pairs["external_cluster"].tolist() == CLUSTER.tolist()
    assert pairs["probability"].isna().all()
    assert pairs["is_fitted"].all()
    assert pairs.dtypes.astype(str).to_dict() == PAIRS


@both_sides
def test_a_store_known_on_one_side_gets_the_cluster_that_goes_with_it(
    side: str, other: str
) -> None:
    pairs = pair(forget(sides_of(), side, 0, 29))
    assert pairs.loc[[0, 29], f"{side}_cluster"].tolist() == [1, 2]
    assert pairs.loc[[0, 29], f"{other}_cluster"].tolist() == [1, 2]
    assert pairs.loc[[0, 29], "probability"].between(0.9, 1).all()
    assert pairs["probability"].notna().sum() == 2


@both_sides
def test_a_store_is_fitted_where_it_shaped_the_internal_clusters(
    side: str, other: str
) -> None:
    fitted = pair(forget(sides_of(), side, 0, 29))["is_fitted"]
    expected = 28 if side == "internal" else 30
    assert fitted.sum() == expected


def test_a_store_of_which_nothing_is_known_goes_to_the_largest_clusters() -> None:
    pairs = pair(forget(forget(sides_of(), "internal", 29), "external", 29))
    last = pairs.loc[29]
    assert (last["internal_cluster"], last["external_cluster"]) == (1, 1)
    assert last["probability"] == pytest.approx((18 / 29) ** 2)
    assert not last["is_fitted"]


def test_the_probability_is_that_of_both_clusters_together() -> None:
    sides = infer(sides_of(), "internal", store_3=0.5, store_4=0.8)
    sides = infer(sides, "external", store_4=0.5, store_5=0.9)
    probability = pair(sides)["probability"]
    assert probability[[3, 4, 5]].tolist() == pytest.approx([0.5, 0.4, 0.9])
    assert probability.notna().sum() == 3


def test_what_was_inferred_is_not_learnt_from() -> None:
    sides = sides_of()
    sides.loc[1:9, "internal_cluster"] = 2
    wrong = {f"store_{store}": 0.6 for store in range(1, 10)}
    pairs = pair(forget(infer(sides, "internal", **wrong), "internal", 0))
    assert pairs.loc[0, "internal_cluster"] == 1


def test_surroundings_that_say_nothing_give_a_low_probability() -> None:
    sides = sides_of()
    sides["external_components"] = list(np.random.default_rng(1).normal(size=(30, 2)))
    pairs = pair(forget(sides, "internal", 0, 29))
    assert pairs.loc[[0, 29], "probability"].max() < 0.9


@both_sides
def test_where_no_store_is_known_on_both_sides_the_largest_cluster_counts(
    side: str, other: str
) -> None:
    sides = forget(sides_of(), side, *range(20, 30))
    pairs = pair(forget(sides, other, *range(20)))
    assert pairs.loc[20:, f"{side}_cluster"].tolist() == [1] * 10
    assert pairs.loc[20:, "probability"].unique().tolist() == [18 / 20]


@both_sides
def test_a_side_of_which_nothing_is_known_is_one_cluster(side: str, other: str) -> None:
    pairs = pair(forget(sides_of(), side, *range(30)))
    assert pairs[f"{side}_cluster"].unique().tolist() == [1]
    assert pairs[f"{other}_cluster"].tolist() == CLUSTER.tolist()
    assert pairs["probability"].isna().all()


def test_an_outlier_on_either_side_stays_one() -> None:
    sides = sides_of().assign(is_outlier=np.arange(30) == 7)
    assert pair(sides)["is_outlier"].to_numpy().nonzero()[0].tolist() == [7]


def test_categories_are_paired_apart() -> None:
    gin = forget(sides_of(), "internal", 0, 29)
    rum = sides_of(category="RUM")
    rum["internal_cluster"] = 3 - rum["internal_cluster"]
    both = pair(pd.concat([forget(rum, "internal", 0, 29), gin]))
    assert both.query("store_id == '1000'")["internal_cluster"].tolist() == [1, 2]
    pd.testing.assert_frame_equal(both.head(30), pair(gin))


def test_neither_row_order_nor_the_names_of_stores_matter() -> None:
    sides = forget(forget(sides_of(), "internal", 0, 20), "external", 5, 29)
    expected = pair(sides)
    for seed in range(2):
        order = np.random.default_rng(seed).permutation(30)
        shuffled = sides.iloc[order]
        pd.testing.assert_frame_equal(pair(shuffled), expected)
        renamed = pair(shuffled.assign(store_id=sides["store_id"].to_numpy()))
        pd.testing.assert_frame_equal(
            renamed.drop(columns="store_id"),
            expected.iloc[order].reset_index(drop=True).drop(columns="store_id"),
        )


def test_the_input_stays_as_it_was() -> None:
    sides = forget(sides_of(), "internal", 0, 29)
    before = sides.copy(deep=True)
    pair(sides)
    pd.testing.assert_frame_equal(sides, before)


def test_no_stores_give_an_empty_frame_of_the_same_types() -> None:
    empty = pair(sides_of().head(0))
    assert empty.empty
    assert empty.dtypes.astype(str).to_dict() == PAIRS


def test_a_category_with_a_rule_is_split_by_value() -> None:
    split = np.repeat(["NORTH", "unknown"], 15)
    gin, rum = sides_of().assign(split_value=split), sides_of(category="RUM")
    pairs = pair(pd.concat([gin, rum], ignore_index=True))
    by_category = pairs.groupby("category")["merged_cluster"].value_counts()
    assert by_category["GIN"].to_dict() == {
        "1-1-NORTH": 15,
        "2-2-unknown": 12,
        "1-1-unknown": 3,
    }
    assert by_category["RUM"].to_dict() == {"1-1": 18, "2-2": 12}
    of_gin = pairs.loc[pairs["category"] == "GIN", "split_value"]
    assert of_gin.to_list() == split.tolist()
