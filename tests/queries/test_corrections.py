"""What corrections would do, on the clusters of the small sample."""

import pytest

from clustering.queries import corrections

CATEGORY = "COFFEE"


@pytest.fixture
def stores(small_run):
    return corrections.clusters_by_store(small_run, CATEGORY).set_index("store_id")


def test_a_move_takes_a_store_and_its_sales_along(small_run, stores):
    store = stores.index[0]
    here, there = stores.loc[store, ["cluster_id", "next_best_cluster"]].astype(int)
    found = corrections.effect(small_run, CATEGORY, {store: there})
    found = found.set_index("cluster_id")
    stayed = found.drop([here, there])
    assert (stayed["store_count"] == stayed["stores_after"]).all()
    for cluster, change in ((here, -1), (there, 1)):
        row, sales = found.loc[cluster], stores.loc[store, "sales"]
        assert row["stores_after"] - row["store_count"] == change
        assert row["sales_after"] == pytest.approx(row["sales"] + change * sales)


def test_a_merge_leaves_a_cluster_without_stores_and_loses_none(small_run, stores):
    there, gone, *_ = sorted(stores["cluster_id"].unique().tolist())
    moved = dict.fromkeys(corrections.stores_in(small_run, CATEGORY, gone), there)
    found = corrections.effect(small_run, CATEGORY, moved).set_index("cluster_id")
    assert found.loc[gone, "stores_after"] == found.loc[gone, "sales_after"] == 0
    for before, after in (("store_count", "stores_after"), ("sales", "sales_after")):
        assert found[after].sum() == pytest.approx(found[before].sum())


def test_profiles_before_are_means_of_shares_and_add_up(small_run, stores):
    store = stores.index[0]
    here, there = stores.loc[store, ["cluster_id", "next_best_cluster"]].astype(int)
    found = corrections.profile_effect(
        small_run, CATEGORY, {store: there}, [here, there], most=99
    )
    totals = found.groupby("cluster_id")[["share", "share_after"]].sum()
    unchanged = 1 - totals["share"]
    assert totals["share_after"].to_numpy() == pytest.approx(
        (1 - unchanged).to_numpy(), abs=1e-6
    )


def test_neighbours_come_nearest_first_and_leave_the_store_out(small_run, stores):
    store = stores.index[0]
    found = corrections.neighbours(small_run, CATEGORY, store)
    assert len(found) == 5
    assert store not in set(found["store_id"])
    assert found["distance"].is_monotonic_increasing


@pytest.mark.parametrize("side", ["final", "internal", "external"])
def test_one_of_the_numbers_that_were_tried_is_in_use(small_run, side):
    assert corrections.numbers(small_run, CATEGORY, side)["is_chosen"].sum() == 1
