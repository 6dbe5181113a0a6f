"""Airflow's pages, as a person sees them in a real browser."""

import duckdb
from playwright.sync_api import Page, TimeoutError, expect

from tests.dags.browser import show
from tests.dags.client import Airflow

DAG = "store_clustering"


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
    page.goto("about:blank")  # drawing the graph all the time would slow the run down
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


def test_models_are_described_in_the_ui(airflow: Airflow, page: Page) -> None:
    docs = f"{airflow.url}/cosmos/store_clustering/dbt_docs_index.html"
    page.goto(
        f"{docs}#!/model/model.store_clustering.store_clusters",
        wait_until="domcontentloaded",
    )
    expect(page.locator("h1", has_text="store_clusters")).to_be_visible()
    show(page, "dbt_docs")
