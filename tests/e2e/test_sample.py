"""The pipeline on sample input, against the truth that it was drawn from."""

import duckdb
import pytest
from sklearn.metrics import adjusted_rand_score

from tests.conftest import (
    FEW,
    PROJECT,
    parquet_bytes,
    publish_from,
    run_clustering,
    shuffle_tables,
    write_small_sample,
)


@pytest.fixture
def stores(sample_folder, sample_published):
    return duckdb.sql(
        "select clusters.*, internal_segment, external_segment,"
        " truth.is_outlier as planted_outlier"
        f" from '{sample_published}/store_clusters.parquet' as clusters"
        f" inner join '{sample_folder}/truth/truth.parquet' as truth"
        " on store_id = STORE_NBR and clusters.category = truth.CATEGORY"
    ).df()


@pytest.mark.parametrize("side", ["internal", "external"])
def test_planted_segments_are_found_in_every_category(stores, side):
    ari = {
        category: adjusted_rand_score(rows[f"{side}_segment"], rows[f"{side}_cluster"])
        for category, rows in stores.groupby("category")
    }
    assert len(ari) == 4
    assert min(ari.values()) >= 0.9, ari


def test_planted_outliers_are_flagged_and_still_assigned(stores):
    outliers = stores[stores["planted_outlier"]]
    assert len(outliers) > 0
    assert outliers["is_outlier"].mean() > 0.5
    assert (outliers["cluster_id"] >= 1).all()


def test_stores_without_sales_have_a_cluster_in_every_category(
    sample_folder, sample_published
):
    raw, categories = sample_folder / "raw", 4
    unsold = duckdb.sql(
        f"select STORE_NBR from '{raw}/store_attributes.parquet'"
        f" except select STORE_NBR from '{raw}/internal_sales.parquet'"
    ).fetchall()
    assert unsold
    rows = duckdb.sql(
        f"select store_id, count(*), min(assignment_method), max(assignment_method)"
        f" from '{sample_published}/store_clusters.parquet' group by store_id"
    ).fetchall()
    methods = {store: rest for store, *rest in rows}
    for (store,) in unsold:
        assert methods[store] == [categories, "inferred", "inferred"]


def test_every_kind_of_dirt_is_quarantined_with_its_reason(sample_published):
    reasons = duckdb.sql(
        "select distinct source_table, reason"
        f" from '{sample_published}/quarantined_rows.parquet' order by all"
    ).fetchall()
    assert reasons == [
        ("internal_sales", "category_mismatch"),
        ("internal_sales", "duplicate"),
        ("internal_sales", "non_finite_sales"),
        ("internal_sales", "non_positive_sales"),
        ("internal_sales", "null_key"),
        ("internal_sales", "unknown_sku"),
        ("need_state", "duplicate"),
        ("need_state", "null_key"),
    ]


def test_row_order_threads_and_format_leave_every_byte_as_it_is(
    small_folder, small_data, tmp_path
):
    """Shuffled, in two csv files per table, and one model at a time."""
    shuffle_tables(small_folder, tmp_path / "shuffled")
    raw = tmp_path / "raw"
    for table in (tmp_path / "shuffled").glob("*.parquet"):
        (raw / table.stem).mkdir(parents=True)
        rows = duckdb.sql(f"from '{table}'")
        half = len(rows) // 2
        for name, part in {
            "a": rows.limit(half),
            "b": rows.limit(len(rows), half),
        }.items():
            part.write_csv(str(raw / table.stem / f"{name}.csv"), header=True)
    published = publish_from(raw, *FEW, data=tmp_path, DBT_THREADS="1")
    assert parquet_bytes(published) == parquet_bytes(small_data.published)


@pytest.mark.long
def test_row_order_leaves_every_byte_of_300_stores_as_it_is(
    sample_folder, sample_published, tmp_path
):
    shuffle_tables(sample_folder / "raw", tmp_path / "raw")
    published = publish_from(tmp_path / "raw", data=tmp_path / "data", DBT_THREADS="1")
    assert parquet_bytes(published) == parquet_bytes(sample_published)


def test_optional_columns_may_be_absent_and_names_in_any_case(small_folder, tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    sales = duckdb.sql(
        "select STORE_NBR as store_nbr, SKU_NBR as sku_nbr, CAT_DSC as cat_dsc,"
        " sum(TOTAL_SALES) as total_sales"
        f" from '{small_folder}/internal_sales.parquet' where isfinite(TOTAL_SALES)"
        " group by all"
    )
    sales.write_parquet(str(raw / "internal_sales.parquet"))
    duckdb.sql(
        "select PRODUCT_ID, CATEGORY, NEED_STATE"
        f" from '{small_folder}/need_state.parquet'"
    ).write_parquet(str(raw / "need_state.parquet"))
    duckdb.sql(
        f"select STORE_NBR, INCOME from '{small_folder}/store_attributes.parquet'"
    ).write_parquet(str(raw / "store_attributes.parquet"))
    published = publish_from(raw, *FEW, data=tmp_path)
    methods = duckdb.sql(
        f"select distinct assignment_method from '{published}/store_clusters.parquet'"
    ).fetchall()
    assert ("fitted",) in methods


def test_a_category_of_few_stores_is_clustered_too(tmp_path):
    write_small_sample(tmp_path / "raw", categories=1, weeks=4, skus=30, seed=5)
    published = publish_from(tmp_path / "raw", *FEW, data=tmp_path)
    (sizes,) = duckdb.sql(
        f"select list(store_count) from '{published}/cluster_summary.parquet'"
    ).fetchone()
    assert sum(sizes) == 45
    assert min(sizes) >= 5, "a tenth of the stores, where that is fewer than ten"
    assert len(sizes) >= 3


def test_the_readme_shows_the_very_table_that_is_printed(sample_data):
    shown = run_clustering("show", data=sample_data)
    assert shown.returncode == 0
    assert shown.stdout in (PROJECT / "README.md").read_text()
    clusters = run_clustering("show", "coffee", data=sample_data)
    assert "instant convenience, urban" in clusters.stdout
    assert "highly stable" in clusters.stdout
    assert "by what sells and what surrounds the stores" in clusters.stdout
    unknown = run_clustering("show", "TEA", data=sample_data)
    assert unknown.returncode == 2
    assert unknown.stderr.startswith("Error: no category 'TEA'; there are: COFFEE,")
