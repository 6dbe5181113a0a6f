"""The containers, from a clean clone until nothing is left: `make test-compose`.

Needs docker, or podman and podman-compose: see COMPOSE in the Makefile; and chromium.
The clusters are read from the volume of published files, from PostgreSQL and from the
dashboard.
"""

import re
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg2
import pytest
from playwright.sync_api import expect, sync_playwright

from tests.compose.stack import (
    COMPOSE,
    PROJECT,
    Stack,
    environment,
    fetch,
    outward_address,
    wait_for,
)
from tests.conftest import run_clustering

PARTS = ["api-server", "scheduler", "dag-processor", "triggerer"]
SERVICES = ["postgres", *PARTS, "docs", "dashboard"]
SECRETS = [
    "AIRFLOW_PASSWORD",
    "POSTGRES_PASSWORD",
    "AIRFLOW_DB_PASSWORD",
    "PUBLISHER_PASSWORD",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__CORE__FERNET_KEY",
]
PORTS = ["AIRFLOW_PORT", "DOCS_PORT", "DASHBOARD_PORT", "POSTGRES_PORT"]
DAG = "/api/v2/dags/store_clustering"
SAMPLE = ["--stores", "60", "--categories", "2", "--weeks", "8", "--skus", "40"]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Make a clone with a .env and sample input; start nothing."""
    stack = Stack.clone(tmp_path_factory.mktemp("clone") / "store-clustering")
    result = run_clustering("generate", *SAMPLE, data=stack.folder / "data")
    assert result.returncode == 0, result.stderr
    return stack


@pytest.fixture(scope="module")
def stack(clone: Stack) -> Iterator[Stack]:
    """Start the containers; remove them after the tests, whatever came."""
    try:
        clone.make("up")
        wait_for(lambda: all(map(clone.is_healthy, SERVICES)), seconds=300)
        yield clone
    finally:
        clone.down()


@pytest.fixture(scope="module")
def run(stack: Stack) -> str:
    """Start a run by the API, and return its id when it has succeeded."""
    token = stack.log_in()
    asked = {"logical_date": None, "conf": {}}
    runs = stack.url(f"{DAG}/dagRuns")
    run = wait_for(lambda: fetch(runs, token=token, body=asked), seconds=60)
    url = f"{runs}/{run['dag_run_id']}"

    def ended() -> str | None:
        state = fetch(url, token=token)["state"]
        return state if state in {"success", "failed"} else None

    assert wait_for(ended, seconds=900) == "success"
    return run["dag_run_id"]


def test_image_has_the_uv_of_the_makefile() -> None:
    texts = [(PROJECT / name).read_text() for name in ("Makefile", "Dockerfile")]
    versions = {re.search(r"UV_VERSION ?:?= ?(\S+)", text)[1] for text in texts}
    assert len(versions) == 1


def test_secrets_are_random_and_for_the_owner_alone(clone: Stack) -> None:
    values = [clone.settings[name] for name in SECRETS]
    assert len(set(values)) == len(SECRETS)
    assert min(map(len, values)) >= 16
    assert clone.env_file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", SECRETS)
def test_nothing_starts_without_a_secret(
    clone: Stack, tmp_path: Path, name: str
) -> None:
    incomplete = tmp_path / "incomplete.env"
    text = clone.env_file.read_text()
    incomplete.write_text(re.sub(rf"^{name}=.*", f"{name}=", text, flags=re.MULTILINE))
    result = subprocess.run(
        [*COMPOSE, "--env-file", str(incomplete), "config"],
        cwd=clone.folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert name in result.stderr
    assert "docs/deploy.md" in result.stderr


def test_run_publishes_clusters(stack: Stack, run: str, tmp_path: Path) -> None:
    shown = stack.execute(
        "scheduler", "env", "DATA_DIR=/data/prod", "clustering", "show"
    )
    assert "COFFEE" in shown.decode()
    database = copy_published(stack, tmp_path)
    raw = stack.folder / "data/raw/store_attributes.parquet"
    with duckdb.connect(str(database), read_only=True) as connection:
        clusters = connection.sql(
            "select distinct store_id from store_clusters where cluster_id is not null"
        )
        stores = connection.sql(f"select distinct STORE_NBR from '{raw}'")
        assert sorted(clusters.fetchall()) == sorted(stores.fetchall())


def copy_published(stack: Stack, folder: Path) -> Path:
    """Copy the published DuckDB file out of the volume."""
    database = folder / "published.duckdb"
    published = "/data/prod/published/store_clustering.duckdb"
    database.write_bytes(stack.execute("scheduler", "cat", published))
    return database


@pytest.mark.parametrize("task", ["build", "marts.store_clusters"])
def test_logs_of_other_containers_are_read_in_the_ui(
    stack: Stack, run: str, task: str
) -> None:
    url = stack.url(f"{DAG}/dagRuns/{run}/taskInstances/{task}/logs/1")
    events = fetch(url, token=stack.log_in())["content"]
    assert not any("Could not read" in str(event) for event in events)
    if task == "build":
        assert any("store_clusters: built" in str(event) for event in events)


def test_docs_site_has_the_models(stack: Stack) -> None:
    with urllib.request.urlopen(stack.url("/", port="DOCS_PORT")) as page:
        assert "dbt" in page.read().decode()
    manifest = fetch(stack.url("/manifest.json", port="DOCS_PORT"))
    assert "model.store_clustering.store_clusters" in manifest["nodes"]


def test_postgres_has_the_clusters(stack: Stack, run: str, tmp_path: Path) -> None:
    url = (
        f"postgresql://publisher:{stack.settings['PUBLISHER_PASSWORD']}@127.0.0.1"
        f":{stack.settings['POSTGRES_PORT']}/clusters"
    )
    query = "select store_id, category, cluster_id from {} order by all"
    found = read_postgres(url, query.format("store_clustering.store_clusters"))
    with duckdb.connect(str(copy_published(stack, tmp_path)), read_only=True) as marts:
        assert found == marts.execute(query.format("store_clusters")).fetchall()
    assert found


def read_postgres(url: str, query: str) -> list[tuple]:
    """Return what a query finds; PostgreSQL has no `order by all`."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(query.replace("order by all", ""))
        rows = cursor.fetchall()
    connection.close()
    return sorted(rows)


def test_dashboard_shows_the_run(stack: Stack, run: str, tmp_path: Path) -> None:
    with duckdb.connect(str(copy_published(stack, tmp_path)), read_only=True) as marts:
        categories = marts.execute("select category from cluster_quality").fetchall()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(stack.url("/", port="DASHBOARD_PORT"))
        for (category,) in categories:
            expect(page.get_by_text(category).first).to_be_attached(timeout=60_000)
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
        page.screenshot(path=screenshot_path("compose_dashboard"))
        browser.close()


def screenshot_path(name: str) -> Path:
    folder = PROJECT / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.png"


@pytest.mark.parametrize("service", [*PARTS, "docs", "dashboard"])
def test_processes_are_not_root_and_write_to_volumes_alone(
    stack: Stack, service: str
) -> None:
    users = stack.execute(service, "sh", "-c", "stat -c %u /proc/[0-9]* 2>&1 || true")
    assert b"\n0\n" not in b"\n" + users
    assert b"1000" in users
    written = "touch /opt/airflow/x 2>/dev/null && echo yes || echo no"
    assert stack.execute(service, "sh", "-c", written).strip() == b"no"


def test_database_is_not_root(stack: Stack) -> None:
    users = "for p in /proc/[0-9]*; do grep -qx postgres $p/comm && stat -c %u $p; done"
    found = stack.execute("postgres", "sh", "-c", f"{users}; true").split()
    assert found
    assert b"0" not in found


@pytest.mark.parametrize("port", PORTS)
def test_ports_answer_on_this_machine_alone(stack: Stack, port: str) -> None:
    number = int(stack.settings[port])
    assert _answers("127.0.0.1", number)
    assert not _answers(outward_address(), number)


def test_memory_is_limited(stack: Stack) -> None:
    limits = [stack.inspect(name, ".HostConfig.Memory") for name in SERVICES]
    assert all(int(limit) > 0 for limit in limits)


def test_service_that_ends_comes_back(stack: Stack) -> None:
    started = stack.inspect("docs", ".State.StartedAt")
    stack.execute("docs", "sh", "-c", "sleep 1 && kill 1 &")
    wait_for(lambda: stack.inspect("docs", ".State.StartedAt") != started, seconds=60)
    wait_for(lambda: stack.is_healthy("docs"), seconds=60)


def test_down_leaves_volumes_and_then_nothing(stack: Stack) -> None:
    stack.make("down")
    assert stack.things("ps", "--all") == []
    assert stack.things("network", "ls") == []
    assert len(stack.things("volume", "ls")) == 3
    stack.down()
    assert stack.things("volume", "ls") == []


def _answers(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(5)
        return probe.connect_ex((host, port)) == 0
