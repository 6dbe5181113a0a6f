"""A real Airflow, as a user has it through its REST API."""

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clustering.airflow.local import USER, airflow_variables, password, prepare, running

ENDED = {"success", "failed"}
# Most entries that the API returns at once.
PAGE = 100
# The file of the DAGs stays as it is while tests run: no need to read it all the time.
UNCHANGED = {"AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600"}


@dataclass
class Airflow:
    """An Airflow that runs, and the data folder that it works in."""

    data: Path
    variables: Mapping[str, str]
    parts: dict[str, subprocess.Popen]
    _token: str = field(default="", init=False)

    @property
    def url(self) -> str:
        return self.variables["AIRFLOW__API__BASE_URL"]

    @property
    def published(self) -> Path:
        return self.data / "published"

    def put_input(self, raw: Path) -> None:
        """Put other files in place of the input."""
        shutil.rmtree(self.data / "raw", ignore_errors=True)
        shutil.copytree(raw, self.data / "raw")

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Call the API; a refusal is an HTTPError."""
        if not self._token and path != "/auth/token":
            login = {"username": USER, "password": password(self.variables)}
            self._token = self.call("POST", "/auth/token", login)["access_token"]
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {self._token}",
            },
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def trigger(self, dag: str, **conf: object) -> str:
        """Start a run by hand and return its id."""
        body = {"logical_date": None, "conf": conf}
        return self.call("POST", f"/api/v2/dags/{dag}/dagRuns", body)["dag_run_id"]

    def runs(self, dag: str) -> list[dict[str, Any]]:
        """Return the runs of a DAG, the oldest first."""
        path = f"/api/v2/dags/{dag}/dagRuns?order_by=run_after&limit=100"
        return self.call("GET", path)["dag_runs"]

    def wait_for_run(self, dag: str, known: int) -> str:
        """Return the id of the first run beyond the ``known`` first ones."""
        runs = wait_for(
            lambda: (runs := self.runs(dag)) and len(runs) > known and runs,
            what=f"another run of {dag}",
            seconds=300,
        )
        return runs[known]["dag_run_id"]

    def triggered_by(self, dag: str, run: str) -> set[str]:
        """Return the DAGs whose assets a run was started by."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/upstreamAssetEvents"
        events = self.call("GET", path)["asset_events"]
        return {event["source_dag_id"] for event in events}

    def wait(self, dag: str, run: str, *, seconds: float = 1800) -> str:
        """Return the state in which a run ends."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}"
        return wait_for(
            lambda: (state := self.call("GET", path)["state"]) in ENDED and state,
            what=f"the end of {dag} {run}",
            seconds=seconds,
        )

    def states(self, dag: str, run: str) -> dict[str, str | None]:
        """Return the state of every task of a run."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances"
        states: dict[str, str | None] = {}
        while True:
            page = self.call(
                "GET", f"{path}?order_by=id&limit={PAGE}&offset={len(states)}"
            )
            states |= {
                task["task_id"]: task["state"] for task in page["task_instances"]
            }
            if len(states) >= page["total_entries"]:
                return states

    def wait_for_task(self, dag: str, run: str, task: str, state: str) -> None:
        """Return when a task is in a state."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}"
        wait_for(
            lambda: self.call("GET", path)["state"] == state,
            what=f"{task} to be {state} in {dag} {run}",
            seconds=900,
        )

    def log(self, dag: str, run: str, task: str, attempt: int = 1) -> str:
        """Return what a task's log shows in the UI."""
        tasks = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances"
        log = self.call("GET", f"{tasks}/{task}/logs/{attempt}?full_content=true")
        return json.dumps(log["content"])

    def clear_failed(self, dag: str, run: str) -> None:
        """Do what `Clear run, only failed tasks` does in the UI."""
        self.clear(dag, run, only_failed=True)

    def clear(self, dag: str, run: str, *, only_failed: bool = False) -> None:
        """Do what `Clear run` does in the UI."""
        body = {"dry_run": False, "only_failed": only_failed}
        self.call("POST", f"/api/v2/dags/{dag}/dagRuns/{run}/clear", body)


def wait_for(condition: Any, *, what: str, seconds: float) -> Any:
    """Return the first true value of ``condition``."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if value := condition():
                return value
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass  # a part of Airflow is being restarted
        time.sleep(0.5)
    raise AssertionError(f"waited {seconds:.0f} s for {what}")


@contextmanager
def airflow_in(folder: Path, **variables: str) -> Iterator[Airflow]:
    """Run an Airflow of its own on the data folder ``folder`` until the block ends."""
    own = airflow_variables(folder / "airflow", port=free_port())
    own |= {"DATA_DIR": str(folder), "WATCH_RAW": "false"} | UNCHANGED | variables
    prepare(own)
    with running(own) as parts:
        yield Airflow(folder, own, parts)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
