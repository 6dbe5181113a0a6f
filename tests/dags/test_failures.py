"""A run whose data test fails: where it is told, and how it is corrected."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect

from clustering.core.paths import Paths
from clustering.store.publish import publish
from tests.airflow.conftest import Mailbox
from tests.conftest import parquet_bytes, shuffle_tables
from tests.dags.browser import show
from tests.dags.client import Airflow, wait_for

DAG = "store_clustering"
BROKEN = "internal.int_sales_checked"
TEST = "assert_every_category_has_accepted_sales"


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


@dataclass(frozen=True)
class Failed:
    """A run that has failed, and what was published before."""

    run: str
    before: dict[str, bytes]


@pytest.fixture(scope="module")
def failed(
    airflow: Airflow,
    plain_warehouse: Path,
    mailbox: Mailbox,
    small_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Failed:
    """Publish what plain dbt has built; then run on input with a bad row."""
    registry = Paths(plain_warehouse.parents[1]).registry
    shutil.copy2(registry, Paths(airflow.data).registry)
    shutil.rmtree(airflow.published, ignore_errors=True)
    publish(plain_warehouse, airflow.published)
    before = parquet_bytes(airflow.published)
    raw = tmp_path_factory.mktemp("bad") / "raw"
    plant_bad_row(small_folder, raw)
    airflow.put_input(raw)
    mailbox.mails.clear()
    run = airflow.trigger(DAG, tags=["autumn"])
    assert airflow.wait(DAG, run) == "failed"
    return Failed(run, before)


def test_bad_row_fails_its_model(airflow: Airflow, failed: Failed) -> None:
    states = airflow.states(DAG, failed.run)
    assert states["validate"] == "success"
    assert states["internal.int_sku_categories"] == "success"
    assert states["build"] == states[BROKEN] == "failed"
    assert states["publish"] == "upstream_failed"
    assert TEST in airflow.log(DAG, failed.run, BROKEN)
    assert TEST in airflow.log(DAG, failed.run, "build")
    assert TEST not in airflow.log(DAG, failed.run, "marts.store_clusters")
    assert parquet_bytes(airflow.published) == failed.before


@pytest.mark.usefixtures("failed")
def test_failure_is_mailed_with_the_name_of_the_test(mailbox: Mailbox) -> None:
    [mail] = wait_for(lambda: mailbox.mails, what="an alert", seconds=300)
    assert mail["To"] == "planner@example.com"
    assert f"[dev] {DAG} failed in build: {TEST}" in mail["Subject"]
    assert "autumn" in mail.get_body(("html",)).get_content()


def test_failed_test_is_named_in_the_ui_where_it_failed(
    airflow: Airflow, failed: Failed, page: Page
) -> None:
    at = f"{airflow.url}/dags/{DAG}/runs/{failed.run}"
    page.goto(f"{at}/tasks/{BROKEN}", wait_until="domcontentloaded")
    expect(page.get_by_text(TEST).first).to_be_visible()
    show(page, "failed_test")
    page.goto(at, wait_until="domcontentloaded")
    expect(page.get_by_text("Failed").first).to_be_visible()
    page.wait_for_timeout(1_000)
    show(page, "failed_run")


def test_bad_row_is_corrected_by_clearing(
    airflow: Airflow, failed: Failed, small_folder: Path
) -> None:
    airflow.put_input(small_folder)
    airflow.clear_failed(DAG, failed.run)
    assert airflow.wait(DAG, failed.run) == "success"
    assert set(airflow.states(DAG, failed.run).values()) == {"success"}
    assert parquet_bytes(airflow.published) == failed.before
