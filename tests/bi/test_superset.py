"""Apache Superset on the published file and on PostgreSQL: `make test-bi`."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect, sync_playwright

from clustering.core.paths import PROJECT
from clustering.store.runs import PublishedRun, current_run
from tests.bi.superset import ENVIRONMENT, PAGE, SECRETS, Superset
from tests.chromium import SWITCHES, find_chromium
from tests.conftest import run_clustering
from tests.dags.browser import PICTURES
from tests.pages import block

METRICS = {
    "stores": "count(*)",
    "clusters": "count(distinct cluster_id)",
    "distance": "avg(distance_to_centroid)",
}
SCHEMAS = {"duckdb": {}, "postgresql": {"schema": "store_clustering"}}


@dataclass(frozen=True)
class Source:
    """A database in Superset, with a dataset of the cluster mart.

    Parameters
    ----------
    superset : Superset
        The server.
    database : int
        Id of the database.
    dataset : int
        Id of the dataset.
    """

    superset: Superset
    database: int
    dataset: int


@pytest.fixture(scope="module")
def databases(superset: Superset, published: Path, publisher: str) -> dict[str, int]:
    """Connect the databases as the page's table says; give their ids."""
    found = {kind: settings_of(kind, published, publisher) for kind in SCHEMAS}
    return {
        kind: superset.add_database(kind, uri, **connect_args)
        for kind, (uri, connect_args) in found.items()
    }


@pytest.fixture(scope="module", params=list(SCHEMAS))
def source(
    request: pytest.FixtureRequest, superset: Superset, databases: dict[str, int]
) -> Iterator[Source]:
    """Take the cluster mart of one of them."""
    database, schema = databases[request.param], SCHEMAS[request.param]
    dataset = superset.add_dataset(database, "store_clusters", **schema)
    yield Source(superset, database, dataset)
    # as the page says, Superset on SQLite knows a dataset's name once
    superset.delete(f"dataset/{dataset}")


def settings_of(kind: str, published: Path, publisher: str) -> tuple[str, dict]:
    """Return the URI and connection arguments that the page has for a database."""
    page = (PROJECT / "docs" / PAGE).read_text()
    uris = re.findall(r"`(\w+(?:\+\w+)?://[^`]*)` \|", page)
    [uri] = [uri for uri in uris if uri.startswith(kind)]
    if kind == "duckdb":
        [extra] = re.findall(r"Engine parameters \| `(.*?)`", page)
        path = str(published.resolve() / "store_clustering.duckdb")
        uri = uri.replace("/path/to/data/published/store_clustering.duckdb", path)
        return uri, json.loads(extra)["connect_args"]
    server = publisher.split("@")[1]
    return uri.replace(":...@dbserver/warehouse", f"@{server}"), {}


def test_chart_shows_the_mart(source: Source, published: Path) -> None:
    chart = source.superset.add_chart(source.dataset, by="category", metrics=METRICS)
    wanted = current_run(published).read(
        "select category, count(*), count(distinct cluster_id),"
        " avg(distance_to_centroid)"
        " from store_clusters group by category order by category"
    )
    shown = source.superset.chart_data(chart)
    assert len(shown) == 2
    for row, mart in zip(shown, wanted.itertuples(index=False), strict=True):
        assert row[:3] == tuple(mart)[:3]
        assert row[3] == pytest.approx(mart[3])


def test_chart_of_a_virtual_dataset_shows_several_marts(
    source: Source, published: Path
) -> None:
    query = block(PAGE, "sql", having="stability_band")
    dataset = source.superset.add_dataset(
        source.database, f"about_stores_{source.database}", sql=query
    )
    metrics = {"stores": "count(*)", "sales": "sum(sales_per_store)"}
    chart = source.superset.add_chart(dataset, by="stability_band", metrics=metrics)
    wanted = current_run(published).read(
        "select stability_band, sum(store_count), sum(sales_per_store * store_count)"
        " from cluster_summary group by stability_band order by stability_band"
    )
    shown = source.superset.chart_data(chart)
    assert shown
    for row, mart in zip(shown, wanted.itertuples(index=False), strict=True):
        assert row[:2] == tuple(mart)[:2]
        assert row[2] == pytest.approx(float(mart[2]))


def test_freshness_is_seen_in_sql_lab(source: Source, published: Path) -> None:
    query = block(PAGE, "sql", having="as age")
    [(run_id, built_at, _)] = source.superset.query(source.database, query)
    run = current_run(published)
    assert run_id == run.run_id
    assert str(built_at)[:10] == f"{run.built_at:%Y-%m-%d}"


def test_next_run_is_seen_and_no_query_fails_while_it_is_published(
    superset: Superset,
    databases: dict[str, int],
    project: Path,
    small_folder: Path,
    publisher: str,
    published: Path,
) -> None:
    charts = [
        superset.add_chart(
            superset.add_dataset(
                database, f"stores_of_{kind}", sql="select * from store_clusters"
            ),
            by="run_id",
            metrics=METRICS,
        )
        for kind, database in databases.items()
    ]
    before = current_run(published)
    seen: dict[int, list] = {chart: superset.chart_data(chart) for chart in charts}
    with ThreadPoolExecutor() as pool:
        run = pool.submit(
            run_clustering,
            *("run", "--raw", small_folder, "--param", "max_clusters=3"),
            data=project / "data",
            PUBLISH_POSTGRES_DSN=publisher,
        )
        while not run.done():
            for chart in charts:
                seen[chart] += superset.chart_data(chart)
        assert run.result().returncode == 0, run.result().stderr
    after = current_run(published)
    assert after.run_id != before.run_id
    for chart in charts:
        seen[chart] += superset.chart_data(chart)
        # each answer is of one run, whole
        assert {row[:3] for row in seen[chart]} == {facts(before), facts(after)}
        assert seen[chart][-1][:3] == facts(after)


def facts(run: PublishedRun) -> tuple:
    sql = "select run_id, count(*), count(distinct cluster_id) from store_clusters"
    return tuple(run.read(f"{sql} group by run_id").iloc[0])


def test_page_of_a_chart_loads_nothing_from_elsewhere(source: Source) -> None:
    chromium = find_chromium()
    chart = source.superset.add_chart(source.dataset, by="category", metrics=METRICS)
    loaded: list[Request] = []
    refused: list[Request] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.on("request", lambda request: loaded.append(request))
        page.on("requestfailed", lambda request: refused.append(request))
        page.set_default_timeout(120_000)
        expect.set_options(timeout=120_000)
        log_in(page, source.superset.url)
        page.goto(f"{source.superset.url}/explore/?slice_id={chart}")
        expect(page.get_by_text("COFFEE", exact=True).first).to_be_visible()
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / "superset_chart.png")
        browser.close()
    assert [request.url for request in loaded if not is_outward(request)]
    # the page asks for a telemetry pixel: its own policy has the browser refuse
    asked = [request.url for request in loaded if is_outward(request)]
    assert asked == [r.url for r in refused if is_outward(r) and r.failure == "csp"]


def log_in(page: Page, url: str) -> None:
    # its answer, if it is the last, has the cookie of nobody again
    page.route("**/superset/log/**", lambda route: route.fulfill(status=200))
    page.goto(f"{url}/login/")
    page.fill("#username", "admin")
    page.fill("#password", SECRETS["change me"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "login" not in url)


def is_outward(request: Request) -> bool:
    return not request.url.startswith(("http://127.0.0.1:", "data:", "blob:"))


def test_server_connects_to_nobody_elsewhere(superset: Superset) -> None:
    assert superset.connections.read_text() == ""
    # the record is kept: a datagram to an address of documentation goes nowhere
    script = "import socket; socket.socket(type=2).connect(('192.0.2.1', 9))"
    python = ENVIRONMENT / "bin" / "python"
    recorded = {
        "PYTHONPATH": str(PROJECT / "tests" / "recorded"),
        "CONNECTIONS": str(superset.connections),
    }
    subprocess.run([python, "-c", script], env=os.environ | recorded, check=True)
    assert "192.0.2.1" in superset.connections.read_text()


def test_environment_has_the_duckdb_of_the_pipeline() -> None:
    locks = [PROJECT / "locks" / name for name in ("run.txt", "superset.txt")]
    versions = [re.findall(r"^duckdb==(\S+)", lock.read_text(), re.M) for lock in locks]
    assert len(versions[0]) == 1
    assert versions[0] == versions[1]


def test_duckdbs_own_program_prints_the_clusters(
    project: Path, published: Path
) -> None:
    command = block(PAGE, "sh", having="duckdb -readonly")
    done = subprocess.run(
        ["bash", "-euc", command.replace("-readonly", "-readonly -csv")],
        cwd=project,
        env=os.environ | {"PATH": f"{ENVIRONMENT / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    clusters = current_run(published).read("from cluster_summary")
    assert len(done.stdout.splitlines()) == 1 + len(clusters)
