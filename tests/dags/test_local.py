"""`make airflow`, as a user has it; new files start its runs."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.conftest import parquet_bytes
from tests.dags.client import UNCHANGED, Airflow, free_port, wait_for
from tests.dags.conftest import Marts, published_marts

MODULE = [sys.executable, "-u", "-m", "clustering.airflow.local", "--port"]
DAG = "store_clustering"


@dataclass
class Local:
    """An Airflow that a user has started, and the file that it prints to."""

    process: subprocess.Popen
    port: int
    data: Path
    out: Path

    @property
    def said(self) -> str:
        return self.out.read_text()

    @property
    def airflow(self) -> Airflow:
        """Its REST API."""
        passwords = self.data / "airflow" / "password.json"
        return Airflow(
            self.data,
            {
                "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{self.port}",
                "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
            },
            parts={},
        )


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    """Start it where there is no data yet."""
    folder, port = tmp_path_factory.mktemp("local"), free_port()
    variables = os.environ | UNCHANGED | {"DATA_DIR": str(folder / "data")}
    with (folder / "out").open("w") as out:
        process = subprocess.Popen(
            [*MODULE, str(port)], env=variables, stdout=out, stderr=out
        )
    local = Local(process, port, data=folder / "data", out=folder / "out")
    try:
        wait_for(lambda: "Ctrl-C" in local.said, what="Airflow", seconds=900)
        yield local
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=300)


@pytest.fixture(scope="module")
def arrived(local: Local, small_folder: Path) -> str:
    """Return the run that new files start, when they are whole and not before."""
    raw = local.data / "raw"
    raw.mkdir(parents=True)
    whole = (small_folder / "internal_sales.parquet").read_bytes()
    for table in ("need_state", "external_sales", "store_attributes"):
        shutil.copy(small_folder / f"{table}.parquet", raw)
    with (raw / "internal_sales.parquet").open("wb") as file:
        steps = range(0, len(whole), len(whole) // 8)
        for start in steps:  # longer than files must have been stable
            file.write(whole[start : start + len(whole) // 8])
            file.flush()
            time.sleep(2)
            assert local.airflow.runs(DAG) == []
    return local.airflow.wait_for_run(DAG, known=0)


def run_local(port: int, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MODULE, str(port)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_address_and_login_are_printed_and_hold(local: Local) -> None:
    url = re.search(r"Airflow is at (\S+)", local.said)[1]
    login = {
        "username": re.search(r"user +(\S+)", local.said)[1],
        "password": re.search(r"password +(\S+)", local.said)[1],
    }
    token = call(f"{url}/auth/token", body=login)["access_token"]
    dags = call(f"{url}/api/v2/dags", token=token)["dags"]
    assert len(dags) == 4
    assert not any(dag["is_paused"] for dag in dags)
    assert str(local.data / "raw") in local.said


def test_new_files_start_a_run_that_publishes_what_a_plain_dbt_build_builds(
    local: Local, arrived: str, plain_marts: Marts
) -> None:
    airflow = local.airflow
    assert arrived.startswith("asset_triggered")
    assert airflow.wait(DAG, arrived) == "success", airflow.states(DAG, arrived)
    assert set(airflow.states(DAG, arrived).values()) == {"success"}
    assert (airflow.published / "store_clusters.parquet").exists()
    assert published_marts(airflow) == plain_marts
    assert len(plain_marts) > 10


def test_run_cleared_as_a_whole_builds_nothing_and_publishes_the_same_again(
    local: Local, arrived: str
) -> None:
    airflow = local.airflow
    assert airflow.wait(DAG, arrived) == "success"
    before = parquet_bytes(airflow.published)
    airflow.clear(DAG, arrived)
    assert airflow.wait(DAG, arrived) == "success"
    assert set(airflow.states(DAG, arrived).values()) == {"success"}
    log = airflow.log(DAG, arrived, "build", attempt=2)
    assert re.search(r"building 0 of \d+ models", log)
    assert parquet_bytes(airflow.published) == before


def test_each_state_of_the_files_starts_one_run(local: Local, arrived: str) -> None:
    """The second one is a table without rows: its run ends soon."""
    table = local.data / "raw" / "need_state.parquet"
    duckdb.sql(f"from '{table}' limit 0").write_parquet(str(table.with_suffix(".new")))
    table.with_suffix(".new").replace(table)
    another = local.airflow.wait_for_run(DAG, known=1)
    assert local.airflow.wait(DAG, another) == "failed"
    runs = [run["dag_run_id"] for run in local.airflow.runs(DAG)]
    assert runs == [arrived, another]


def test_it_stops_with_all_its_parts(local: Local) -> None:
    local.process.send_signal(signal.SIGTERM)
    assert local.process.wait(timeout=300) == 0
    assert local.said.endswith("stopped\n")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", local.port)) != 0


def test_port_that_is_taken_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        result = run_local(port := server.getsockname()[1])
    assert result.returncode == 1
    assert result.stderr.startswith(f"Error: port {port} is taken; take another")


def test_unknown_environment_is_one_line() -> None:
    result = run_local(free_port(), CLUSTERING_ENV="production")
    assert result.returncode == 1
    assert "no environment 'production' in configs; there are" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def call(url: str, *, token: str = "", body: object = None) -> dict:
    request = urllib.request.Request(
        url,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
        },
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)
