"""Runs of the DAGs under a real scheduler, on real input."""

import re
import shutil
import urllib.error
from pathlib import Path

import duckdb
import pytest

from clustering.core.paths import Paths
from clustering.store.publish import publish
from tests.airflow.conftest import Mailbox
from tests.conftest import parquet_bytes, shuffle_tables
from tests.dags.client import Airflow, wait_for
from tests.dags.conftest import Marts, published_marts

DAG = "store_clustering"
BROKEN = "internal.int_sales_checked"


def plant_bad_row(raw: Path, folder: Path) -> None:
    """Copy the input; add a category whose only sale is negative."""
    shuffle_tables(raw, folder)
    append(
        folder / "need_state.parquet",
        "select 'T1' as PRODUCT_ID, 'TOYS' as CATEGORY,"
        " unnest(['PLAY', 'GIFT']) as NEED_STATE",
    )
    append(
        folder / "internal_sales.parquet",
        "select '0001' as STORE_NBR, 'T1' as SKU_NBR, 'TOYS' as CAT_DSC,"
        " -1.0 as TOTAL_SALES",
    )


def append(file: Path, rows: str) -> None:
    more = file.with_suffix(".more")
    query = f"from '{file}' union all by name ({rows})"
    duckdb.sql(f"copy ({query}) to '{more}' (format parquet)")
    more.replace(file)


def test_whole_run_publishes_what_a_plain_dbt_build_builds(
    sample: Airflow, plain_marts: Marts
) -> None:
    """And, cleared as a whole, builds nothing and publishes the same again."""
    run = sample.trigger(DAG, tags=["first"])
    assert sample.wait(DAG, run) == "success"
    assert set(sample.states(DAG, run).values()) == {"success"}
    assert published_marts(sample) == plain_marts
    assert len(plain_marts) > 10

    before = parquet_bytes(sample.published)
    sample.clear(DAG, run)
    assert sample.wait(DAG, run) == "success"
    assert set(sample.states(DAG, run).values()) == {"success"}
    log = sample.log(DAG, run, "build", attempt=2)
    assert re.search(r"building 0 of \d+ models", log)
    assert parquet_bytes(sample.published) == before


def test_bad_row_fails_its_model_and_is_corrected_by_clearing(
    sample: Airflow,
    plain_warehouse: Path,
    mailbox: Mailbox,
    small_folder: Path,
    tmp_path: Path,
) -> None:
    # with what plain dbt recorded of it
    registry = Paths(plain_warehouse.parents[1]).registry
    shutil.copy2(registry, Paths(sample.data).registry)
    publish(plain_warehouse, sample.published)
    before = parquet_bytes(sample.published)
    plant_bad_row(small_folder, tmp_path / "raw")
    sample.put_input(tmp_path / "raw")
    mailbox.mails.clear()

    run = sample.trigger(DAG, tags=["autumn"])

    assert sample.wait(DAG, run) == "failed"
    states = sample.states(DAG, run)
    assert states["validate"] == "success"
    assert states["internal.int_sku_categories"] == "success"
    assert states["build"] == states[BROKEN] == "failed"
    assert states["publish"] == "upstream_failed"
    test = "assert_every_category_has_accepted_sales"
    assert test in sample.log(DAG, run, BROKEN)
    assert test in sample.log(DAG, run, "build")
    assert test not in sample.log(DAG, run, "marts.store_clusters")
    assert parquet_bytes(sample.published) == before
    [mail] = wait_for(lambda: mailbox.mails, what="an alert", seconds=60)
    assert mail["To"] == "planner@example.com"
    assert f"[dev] {DAG} failed in build: {test}" in mail["Subject"]
    assert "autumn" in mail.get_body(("html",)).get_content()

    sample.put_input(small_folder)
    sample.clear_failed(DAG, run)
    assert sample.wait(DAG, run) == "success"
    assert set(sample.states(DAG, run).values()) == {"success"}
    assert parquet_bytes(sample.published) == before


def test_bad_input_stops_the_run_before_the_build(
    sample: Airflow, small_folder: Path
) -> None:
    (sample.data / "raw" / "need_state.parquet").unlink()
    run = sample.trigger(DAG, selector="internal_clustering")  # a part, to be quick
    assert sample.wait(DAG, run) == "failed"
    states = sample.states(DAG, run)
    assert states.pop("validate") == "failed"
    assert set(states.values()) == {"upstream_failed"}
    assert "no file need_state.parquet" in sample.log(DAG, run, "validate")

    sample.put_input(small_folder)
    sample.clear_failed(DAG, run)
    assert sample.wait(DAG, run) == "success"


def test_sides_on_their_own_lead_to_merging(sample: Airflow) -> None:
    merging = "store_clustering_merging"
    before = len(sample.runs(merging))
    for dag in ("store_clustering_internal", "store_clustering_external"):
        assert sample.wait(dag, sample.trigger(dag)) == "success"
        new = sample.wait_for_run(merging, before)
        before += 1
        assert sample.wait(merging, new) == "success", sample.states(merging, new)


def test_selector_builds_a_part_and_publishes_nothing(sample: Airflow) -> None:
    run = sample.trigger(DAG, selector="internal_clustering")
    assert sample.wait(DAG, run) == "success"
    states = sample.states(DAG, run)
    assert states["internal.internal_clusters"] == "success"
    assert states["marts.store_clusters"] == "skipped"
    assert states["publish"] == "skipped"


@pytest.mark.parametrize(
    "conf",
    [
        {"environment": "production"},
        {"selector": "everything"},
        {"min_clusters": 1},
        {"min_clusters": "two"},
        {"tags": "spring"},
    ],
)
def test_form_refuses_what_cannot_be(sample: Airflow, conf: dict) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        sample.trigger(DAG, **conf)
