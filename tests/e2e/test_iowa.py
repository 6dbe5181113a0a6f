"""The pipeline on real input: every row, store and category is accounted for."""

from pathlib import Path

import duckdb
import pytest
from sklearn.metrics import adjusted_rand_score

from tests.conftest import parquet_bytes, publish_from, shuffle_tables

# What a plain sketch with Hellinger shares reaches here (docs/quality.md has how this
# compares with the usual script, and with the year after).
LEAST_ARI = 0.52


@pytest.fixture
def marts(iowa_published: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(iowa_published / "store_clustering.duckdb", read_only=True)


def test_every_input_row_is_used_or_quarantined(marts):
    (row,) = marts.sql(
        "select rows_read, rows_used, rows_quarantined from input_reconciliation"
        " where source_table = 'internal_sales'"
    ).fetchall()
    assert row == (1_938_209, 1_938_209 - 22, 22)


def test_rows_of_unknown_skus_are_quarantined_with_that_reason(marts):
    reasons = marts.sql(
        "select source_table, reason, sum(row_count) from quarantined_rows group by all"
    ).fetchall()
    assert reasons == [("internal_sales", "unknown_sku", 22)]


def test_clusters_account_for_all_accepted_sales_to_the_cent(marts, iowa_folder):
    (clustered,) = marts.sql("select sum(sales) from cluster_summary").fetchone()
    (accepted,) = marts.sql(
        "select sum(TOTAL_SALES::decimal(18, 4))::decimal(38, 2)"
        f" from '{iowa_folder}/internal_sales.parquet' where CAT_DSC is not null"
    ).fetchone()
    assert clustered == accepted


def test_every_store_is_in_every_category_it_sells(marts, iowa_folder):
    sold = marts.sql(
        "select distinct STORE_NBR, CAT_DSC"
        f" from '{iowa_folder}/internal_sales.parquet' where CAT_DSC is not null"
    ).fetchall()
    clustered = marts.sql(
        "select store_id, category from store_clusters"
        " where assignment_method in ('fitted', 'reassigned', 'inferred')"
    ).fetchall()
    assert sorted(clustered) == sorted(sold)
    assert len({category for _, category in sold}) == 9
    assert len({store for store, _ in sold}) == 1_948


def test_no_cluster_is_too_small_to_act_on(marts):
    small = marts.sql(
        "select * from cluster_summary where store_count < 10 and category not in"
        " (select category from cluster_quality where cluster_count = 1)"
    ).fetchall()
    assert small == []


def test_internal_clusters_find_the_store_formats(marts, iowa_folder, record_property):
    stores = marts.sql(
        "select category, internal_cluster, format from store_clusters"
        f" inner join '{iowa_folder}/labels.parquet' on STORE_NBR = store_id"
        " where label_source = 'banner'"
    ).df()
    ari = {
        category: adjusted_rand_score(rows["format"], rows["internal_cluster"])
        for category, rows in stores.groupby("category")
    }
    for category, value in ari.items():
        record_property(f"ARI {category}", round(value, 3))
    assert len(ari) == 9
    assert sum(ari.values()) / len(ari) >= LEAST_ARI, ari


@pytest.mark.long
def test_row_order_and_threads_leave_every_byte_as_it_is(
    iowa_folder, iowa_published, tmp_path
):
    shuffle_tables(iowa_folder, tmp_path / "raw")
    need_states = (iowa_folder / "need_state.csv").read_text().splitlines(keepends=True)
    shuffled = [need_states[0], *reversed(need_states[1:])]
    (tmp_path / "raw" / "need_state.csv").write_text("".join(shuffled))
    published = publish_from(
        tmp_path / "raw",
        data=tmp_path / "data",
        DBT_THREADS="1",
        OMP_NUM_THREADS="1",
    )
    assert parquet_bytes(published) == parquet_bytes(iowa_published)
