"""Airflow's pages, as a person sees them in a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, TimeoutError, expect, sync_playwright

from clustering.airflow.local import USER, password
from clustering.core.paths import PROJECT
from tests.dags.client import Airflow
from tests.dags.test_runs import BROKEN, DAG, plant_bad_row

PICTURES = PROJECT / "build" / "screenshots"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def page(sample: Airflow, tmp_path: Path) -> Iterator[Page]:
    """Open a browser in which a person has logged in."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=chromium,
            args=SWITCHES,
            viewport={"width": 1600, "height": 1000},
        )
        page = browser.new_page()
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        page.goto(sample.url, wait_until="domcontentloaded")
        page.fill("input[name=username]", USER)
        page.fill("input[name=password]", password(sample.variables))
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: "login" not in url)
        yield page
        browser.close()


def show(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"airflow_{name}.png")


def open_groups(page: Page, address: str) -> None:
    """Open all groups of a run's graph.

    Where the server is too busy to answer for the graph, its page stays without groups
    for good: like a person, load it again.
    """
    for seconds in (20, 40, 60):
        page.goto(address, wait_until="domcontentloaded")
        try:
            page.click("[aria-label='Expand all task groups']", timeout=seconds * 1000)
        except TimeoutError:
            continue
        return
    raise AssertionError(f"no groups to expand at {address}")


def test_run_is_started_by_the_form_and_seen_to_succeed(
    sample: Airflow, page: Page
) -> None:
    known = len(sample.runs(DAG))
    page.goto(f"{sample.url}/dags/{DAG}", wait_until="domcontentloaded")
    page.click("[aria-label^='Show Graph']")
    for node in ("validate", "build", "internal", "external", "merging", "marts"):
        expect(page.locator(".react-flow__node", has_text=node).first).to_be_visible()
    show(page, "graph")

    page.get_by_role("button", name="Trigger").first.click()
    form = page.get_by_role("dialog")
    form.locator("[name=element_max_clusters]").fill("4")
    form.locator("textarea").first.fill("browser\ntrial")
    show(page, "form")
    form.get_by_role("button", name="Trigger", exact=True).click()
    run = sample.wait_for_run(DAG, known)
    assert sample.wait(DAG, run) == "success", sample.states(DAG, run)

    [conf] = [r["conf"] for r in sample.runs(DAG) if r["dag_run_id"] == run]
    assert (conf["max_clusters"], conf["tags"]) == (4, ["browser", "trial"])
    with duckdb.connect(sample.published / "store_clustering.duckdb") as marts:
        tried = marts.execute("select distinct k from k_selection").fetchall()
    assert {k for (k,) in tried} - {1} == {2, 3, 4}
    open_groups(page, f"{sample.url}/dags/{DAG}/runs/{run}")
    expect(page.get_by_text("Success").first).to_be_visible()
    expect(
        page.locator(".react-flow__node", has_text="store_map").first
    ).to_be_visible()
    page.click("[aria-label='Fit View']")
    page.wait_for_timeout(1_000)  # the graph glides to its place
    show(page, "success")


def test_failed_test_is_named_where_it_failed(
    sample: Airflow, page: Page, small_folder: Path, tmp_path: Path
) -> None:
    plant_bad_row(small_folder, tmp_path / "raw")
    sample.put_input(tmp_path / "raw")
    run = sample.trigger(DAG)
    assert sample.wait(DAG, run) == "failed"

    at = f"{sample.url}/dags/{DAG}/runs/{run}"
    page.goto(f"{at}/tasks/{BROKEN}", wait_until="domcontentloaded")
    test = "assert_every_category_has_accepted_sales"
    expect(page.get_by_text(test).first).to_be_visible()
    show(page, "failed_test")
    page.goto(at, wait_until="domcontentloaded")
    expect(page.get_by_text("Failed").first).to_be_visible()
    page.wait_for_timeout(1_000)
    show(page, "failed_run")


def test_models_are_described_in_the_ui(sample: Airflow, page: Page) -> None:
    docs = f"{sample.url}/cosmos/store_clustering/dbt_docs_index.html"
    page.goto(
        f"{docs}#!/model/model.store_clustering.store_clusters",
        wait_until="domcontentloaded",
    )
    expect(page.locator("h1", has_text="store_clusters")).to_be_visible()
    show(page, "dbt_docs")
