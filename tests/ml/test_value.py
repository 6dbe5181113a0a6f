"""What clusters are worth: the demand that their ranges cover."""

import numpy as np
import pandas as pd
import pytest

from ml.value import (
    FOLDS,
    UNIT,
    VALUE,
    Demand,
    Sums,
    Tree,
    compare_coverage,
    cover,
    cover_own,
    measure_value,
    plan_ranges,
)

# Stores by SKUs; two nodes beside all: the first three stores, and the last.
SOLD = np.array([[3.0, 1.0], [2.0, 0.0], [5.0, 0.0], [0.0, 6.0]])
MEMBERS = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [0, 0, 0, 1]], dtype=bool)


def sales_of(stores: dict[str, list[tuple[float, float]]]) -> pd.DataFrame:
    """Return sales by store: of SKU 1, 2, ..: earlier and later."""
    return pd.DataFrame(
        [
            {
                "store_id": store,
                "category": "GIN",
                "skus": np.arange(1, len(sold) + 1),
                "earlier_sales": np.array([earlier for earlier, _ in sold]),
                "later_sales": np.array([later for _, later in sold]),
            }
            for store, sold in stores.items()
        ],
        columns=["store_id", "category", "skus", "earlier_sales", "later_sales"],
    )


def paths_of(paths: dict[str, list[int]], category: str = "GIN") -> pd.DataFrame:
    rows = [(store, category, "both", path) for store, path in paths.items()]
    return pd.DataFrame(rows, columns=["store_id", "category", "basis", "path"])


def two_kinds(stores: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return paths and sales of stores of which every other one sells other SKUs."""
    kinds = [[(9.0, 9.0), (1.0, 1.0)], [(1.0, 1.0), (9.0, 9.0)]]
    sold = {f"{n:02}": [*kinds[n % 2], (0.0, 1.0)] for n in range(stores)}
    paths = {f"{n:02}": [1, 1 + n % 2] for n in range(stores)}
    return paths_of(paths), sales_of(sold)


def test_a_cluster_that_stays_whole_is_one_node() -> None:
    tree = Tree.of_paths(np.array([[1, 1, 2], [1, 1, 2], [1, 2, 1], [1, 1, 3]]))
    nodes = {clusters: nodes.tolist() for clusters, nodes in tree.node_of.items()}
    assert nodes == {1: [0, 0, 0, 0], 2: [1, 1, 2, 1], 3: [3, 3, 2, 4]}
    assert tree.members.sum(axis=1).tolist() == [4, 3, 1, 2, 1]


def test_a_number_that_split_rules_forbid_is_left_out_but_one_range_for_all() -> None:
    tree = Tree.of_paths(np.array([[0, 1], [0, 2]]))
    assert list(tree.node_of) == [1, 2]
    assert list(Tree.of_paths(np.array([[1, 0, 1], [1, 0, 2]])).node_of) == [1, 3]


def test_the_sums_of_a_node_are_those_of_its_stores() -> None:
    sums = Sums.over(MEMBERS, SOLD)
    assert sums.node_sales.ravel().tolist() == [17, 11, 6]
    assert sums.node_squares.ravel().tolist() == [81, 45, 36]
    assert sums.sales.tolist() == [[10, 7], [10, 1], [0, 6]]
    assert sums.squares.tolist() == [[38, 37], [38, 1], [0, 36]]
    assert sums.products.tolist() == [[41, 40], [41, 4], [0, 36]]


def test_the_stores_of_a_fold_do_not_plan_its_range() -> None:
    fold = [0, 1]
    others = Sums.over(MEMBERS, SOLD) - Sums.over(MEMBERS[:, fold], SOLD[fold])
    assert others.node_sales.ravel().tolist() == [11, 5, 6]
    assert others.node_squares.ravel().tolist() == [61, 25, 36]
    assert others.sales.tolist() == [[5, 6], [5, 0], [0, 6]]


def test_a_share_is_that_of_all_sales_of_the_node_or_unknown_where_it_has_none() -> (
    None
):
    sold = np.array([[3.0, 1.0], [0.0, 0.0]])
    shares = Sums.over(np.array([[1, 1], [0, 1]], dtype=bool), sold).shares()
    assert shares[0].tolist() == [0.75, 0.25]
    assert np.isnan(shares[1]).all()


def planned(shares: list[list[float]], stores: int, size: int) -> list[list[int]]:
    """Plan for kinds of stores that are all like the shares; the first node is all."""
    sold = np.repeat(np.array(shares), stores, axis=0)
    # they differ a little, or there would be no chance
    sold = sold * (1 + np.arange(len(sold)) % 3 / 10)[:, None]
    kind = np.repeat(np.arange(len(shares)), stores)
    members = [np.ones(len(sold), dtype=bool)]
    members += [kind == number for number in range(len(shares))]
    return plan_ranges(Sums.over(np.array(members), sold), size=size).tolist()


def test_a_cluster_gets_what_it_sells_most_where_it_differs_from_the_rest() -> None:
    ranges = planned([[6, 3, 1], [1, 2, 7]], stores=30, size=2)
    assert ranges[1] == [0, 1]
    assert ranges[2] == [2, 1]


def test_a_cluster_that_differs_by_chance_gets_the_range_of_the_category() -> None:
    rng = np.random.default_rng(0)
    sold = rng.gamma(1.0, [5.0, 4.0, 3.0], size=(40, 3))
    members = np.array([np.ones(40), np.arange(40) < 4, np.arange(40) >= 4], dtype=bool)
    ranges = plan_ranges(Sums.over(members, sold), size=3)
    assert (ranges == ranges[0]).all()


def test_a_range_has_no_skus_that_nobody_else_sells() -> None:
    sold = np.array([[1.0, 0.0, 2.0]])
    members = np.ones((1, 1), dtype=bool)
    assert plan_ranges(Sums.over(members, sold), size=3).tolist() == [[2, 0]]
    assert plan_ranges(Sums.over(members, 0 * sold), size=3).shape == (1, 0)


def test_a_range_has_as_many_skus_as_the_median_store_carries() -> None:
    sales = sales_of(
        {
            "1": [(1, 0)],
            "2": [(1, 0), (1, 0), (0, 1)],
            "3": [(1, 0), (1, 0), (1, 0)],
            "4": [(0, 1)],
        }
    )
    demand = Demand.of_stores(pd.Series(["1", "2", "3", "4", "5"]), sales)
    assert demand is not None
    assert demand.range_skus == 2


def test_a_store_is_measured_by_the_later_sales_that_its_range_covers() -> None:
    paths, sales = two_kinds(40)
    tree = Tree.of_paths(np.array(paths["path"].to_list()))
    demand = Demand.of_stores(paths["store_id"], sales)
    assert demand is not None
    covered, own = cover(tree, demand)
    assert demand.range_skus == 2
    assert (covered == 10 / UNIT).all()
    assert (own == 10 / UNIT).all()
    one = Demand(demand.earlier, demand.later, demand.fold, range_skus=1)
    covered, own = cover(tree, one)
    assert set(covered[:, 0]) == {1 / UNIT, 9 / UNIT}
    assert (covered[:, 1] == 9 / UNIT).all()
    assert (own == 9 / UNIT).all()


def test_a_store_by_itself_takes_what_it_sells_most() -> None:
    earlier, later = np.array([[1.0, 2, 3, 0]]), np.array([[9.0, 4, 1, 7]])
    assert cover_own(earlier, later, np.array([0, 3]), size=2).tolist() == [5]


def test_a_store_that_carries_less_takes_the_best_of_the_category_that_it_lacks() -> (
    None
):
    earlier = np.array([[0.0, 1, 1, 0, 0], [0, 0, 0, 0, 0]])
    later = np.array([[4.0, 1, 2, 8, 16], [0, 0, 0, 3, 0]])
    best = np.array([0, 1, 3])
    assert cover_own(earlier, later, best, size=3).tolist() == [7, 3]


def test_every_store_weighs_the_same_and_money_its_amount() -> None:
    covered = np.array([[2.0, 6.0], [50.0, 60.0], [0.0, 0.0]]) / UNIT
    own, later = np.array([8.0, 75.0, 0.0]) / UNIT, np.array([10.0, 100.0, 0.0]) / UNIT
    value = compare_coverage(covered, own, later)
    assert value["measured_stores"] == 2
    assert value["later_sales"] == pytest.approx(110)
    assert value["one_range_share"] == pytest.approx(0.35)
    assert value["covered_share"] == pytest.approx([0.35, 0.6])
    assert value["own_range_share"] == pytest.approx(0.775)
    assert value["gain"] == pytest.approx([0, 0.25])
    assert value["gain_error"] == pytest.approx([0, 0.15])
    assert value["gain_sales"] == pytest.approx([0, 14])
    assert value["one_range_sales_share"] == pytest.approx(0.472727, abs=1e-6)
    assert value["covered_sales_share"] == pytest.approx([0.472727, 0.6], abs=1e-6)
    assert value["own_range_sales_share"] == pytest.approx(0.754545, abs=1e-6)
    assert list(value["is_smallest_within_one_se"]) == [False, True]


def test_fewer_clusters_are_as_good_where_the_best_is_no_surer() -> None:
    covered = np.array([[1.0, 6.0, 4.0], [1.0, 6.0, 9.0]])
    value = compare_coverage(covered, np.full(2, 9.0), np.full(2, 10.0))
    assert value["covered_share"] == pytest.approx([0.1, 0.6, 0.65])
    assert list(value["is_smallest_within_one_se"]) == [False, True, False]


def test_one_store_has_no_standard_error() -> None:
    value = compare_coverage(np.array([[1.0, 2.0]]), np.array([3.0]), np.array([4.0]))
    assert np.isnan(value["gain_error"]).all()
    assert list(value["is_smallest_within_one_se"]) == [False, True]


def test_clusters_of_two_kinds_of_stores_are_worth_what_one_range_misses() -> None:
    value = measure_value(*two_kinds(4 * FOLDS)).set_index("clusters")
    assert value["value_code"].to_list() == ["measured", "measured"]
    assert value["basis"].to_list() == ["both", "both"]
    assert value["range_skus"].to_list() == [2, 2]
    assert value["covered_share"].to_list() == pytest.approx([10 / 11, 10 / 11])
    assert value["is_smallest_within_one_se"].to_list() == [True, False]


@pytest.mark.parametrize(
    "sold", [{}, {"1": [(0.0, 1.0)]}, {"1": [(1.0, 0.0)]}], ids=str
)
def test_a_category_without_periods_needs_them(
    sold: dict[str, list[tuple[float, float]]],
) -> None:
    value = measure_value(paths_of({"1": [1], "2": [1]}), sales_of(sold))
    assert value["value_code"].to_list() == ["needs_periods"]
    assert value["clusters"].to_list() == [1]
    assert value["covered_share"].isna().all()
    assert value["gain"].isna().all()
    assert not value["is_smallest_within_one_se"].any()


def test_the_order_of_rows_changes_nothing() -> None:
    paths, sales = two_kinds(20)
    again = measure_value(paths[::-1], sales.sample(frac=1, random_state=0))
    pd.testing.assert_frame_equal(again, measure_value(paths, sales))


def test_empty_input_gives_an_empty_typed_frame() -> None:
    value = measure_value(paths_of({}), sales_of({}))
    assert value.empty
    assert value.dtypes.astype(str).to_dict() == VALUE
