"""Queries: what is shown adds up to what was published."""

import pytest

from clustering.dashboard.published import Run
from clustering.queries import clusters, overview, stores
from clustering.store.runs import PublishedRun, current_run


@pytest.fixture(scope="module")
def run(sample_published) -> PublishedRun:
    return current_run(sample_published)


@pytest.fixture(scope="module")
def category(run) -> str:
    return run.read("select min(category) from cluster_summary").iloc[0, 0]


def test_totals_are_those_of_the_input(run):
    totals = overview.totals(run)
    read = run.read(
        "select sum(rows_read), sum(rows_quarantined), sum(sales_used)"
        " from input_reconciliation"
    ).iloc[0]
    assert totals["rows_read"] == read.iloc[0]
    assert totals["rows_quarantined"] == read.iloc[1]
    assert round(totals["sales"], 2) == float(read.iloc[2])


def test_categories_have_the_sizes_of_their_clusters(run):
    categories = overview.categories(run)
    assert len(categories) == 4
    for row in categories.itertuples():
        assert len(row.sizes) == row.cluster_count
        assert sum(row.sizes) == row.store_count


def test_shares_of_sizes_are_whole(run):
    sizes = overview.sizes(run)
    assert sizes.groupby("category")["store_share"].sum().round(9).eq(1).all()


def test_provenance_counts_the_warnings(run):
    facts = overview.provenance(run)
    assert facts["run_id"] == run.run_id
    warned = run.read("select count(*) from run_tests where status = 'warn'")
    assert facts["warning_count"] == warned.iloc[0, 0]


def test_heat_map_has_the_most_distinctive_features_of_both_blocks(run, category):
    shown = clusters.heat_map(run, category, features=3)
    assert shown.groupby("block")["feature"].nunique().to_dict() == {
        "internal": 3,
        "external": 3,
    }
    every = run.read("select * from cluster_profiles where category = ?", [category])
    every["size"] = every["standard_difference"].abs()
    for block, rows in every.groupby("block"):
        largest = rows.groupby("feature")["size"].max().nlargest(3).index
        assert set(shown.loc[shown["block"] == block, "feature"]) == set(largest)
    assert len(shown) == 6 * every["cluster_id"].nunique()


def test_profile_is_ordered_by_the_size_of_the_difference(run, category):
    profile = clusters.profile(run, category, 1, features=7)
    assert len(profile) == 7
    assert profile["standard_difference"].abs().is_monotonic_decreasing


def test_reasons_are_counted_over_the_stores_of_the_cluster(run, category):
    reasons = clusters.reasons(run, category, 1)
    counted = run.read(
        "select feature, count(distinct store_id) as stores from store_reasons"
        " where category = ? and cluster_id = 1 group by feature",
        [category],
    ).set_index("feature")["stores"]
    assert reasons["stores"].is_monotonic_decreasing
    assert reasons.set_index("feature")["stores"].eq(counted[reasons["feature"]]).all()
    assert reasons["store_share"].between(0, 1).all()


def test_every_store_of_the_category_is_on_the_map(run, category):
    shown = stores.places(run, category).set_index("store_id")
    there = run.read(
        "select store_id, cluster_id from store_clusters where category = ?",
        [category],
    ).set_index("store_id")
    assert shown["cluster_id"].sort_index().equals(there["cluster_id"].sort_index())


def test_store_is_shown_in_every_category_that_it_sells(run):
    store_id = stores.ids(run)[0]
    shown = stores.categories(run, store_id)
    there = run.read("select * from store_clusters where store_id = ?", [store_id])
    assert set(shown["category"]) == set(there["category"])
    named = shown.dropna(subset=["next_best_cluster"])
    assert named["next_best_name"].notna().all()
    assert set(stores.reasons(run, store_id)["category"]) <= set(there["category"])


def test_stores_are_in_the_order_of_numbers(run):
    ids = stores.ids(run)
    assert len(ids) == len(set(ids)) == 300
    numbers = [int(one) for one in ids if one.isdigit()]
    assert numbers == sorted(numbers)


def test_history_has_a_place_per_run_and_category(run):
    kept = Run(run.folder)
    history = stores.history([kept, kept], stores.ids(run)[0])
    assert len(history) == 2 * history["category"].nunique()
