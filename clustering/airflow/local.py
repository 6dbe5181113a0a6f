"""Airflow on this machine, for one person: `make airflow`.

Everything lies in DATA_DIR/airflow; the UI answers on this machine alone.
"""

import argparse
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from clustering.airflow.deployment import environment
from clustering.core.errors import CommandError
from clustering.core.paths import DBT_PROJECT, PROJECT

HOST = "127.0.0.1"
USER = "admin"
SETTINGS = Path(__file__).parent / "airflow.env"
BIN = Path(sys.executable).parent
SECONDS_TO_START, SECONDS_TO_STOP = 300, 30
# The parts, and their arguments: logs are read from files here, and served to nobody.
PARTS = {
    "scheduler": ["--skip-serve-logs"],
    "triggerer": ["--skip-serve-logs"],
    "dag-processor": [],
    "api-server": [],
}


def main() -> None:
    """Prepare Airflow, start it, say where it is, and stop it with this process."""
    parser = argparse.ArgumentParser(prog="make airflow", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="of the UI")
    port = parser.parse_args().port
    if _is_taken(port):
        sys.exit(f"Error: port {port} is taken; take another: make airflow PORT=8081")
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.default_int_handler)
    try:
        own = environment()
    except CommandError as error:
        sys.exit(f"Error: {error}")
    variables = airflow_variables(own.paths.data / "airflow", port=port)
    try:
        typer.echo(f"preparing Airflow in {variables['AIRFLOW_HOME']}")
        prepare(variables)
        with running(variables) as parts:
            typer.echo(
                f"Airflow is at {variables['AIRFLOW__API__BASE_URL']}\n"
                f"  user      {USER}\n"
                f"  password  {password(variables)}\n"
                f"  logs      {variables['AIRFLOW_HOME']}\n"
                f"  input     {', '.join(map(str, own.paths.raw_folders))}\n"
                "Ctrl-C stops it.",
            )
            _wait_for_end(parts)
    except KeyboardInterrupt:
        typer.echo("stopped")


def airflow_variables(home: Path, *, port: int) -> dict[str, str]:
    """Return the environment of an Airflow in ``home``: this one's, and its own."""
    lines = (line.strip() for line in SETTINGS.read_text().splitlines())
    settings = dict(line.split("=", 1) for line in lines if line and line[0] != "#")
    docs = {
        "dir": str(home / "dbt"),
        "index": "index.html",
        "name": "Models (dbt docs)",
    }
    return (
        settings
        | os.environ
        | {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "AIRFLOW_HOME": str(home),
            "CLUSTERING_PROJECT": str(PROJECT),
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(
                home / "password.json"
            ),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
            "AIRFLOW__API__HOST": HOST,
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}",
            "AIRFLOW__COSMOS__CACHE_DIR": str(home / "cosmos"),
            "AIRFLOW__COSMOS__DBT_DOCS_PROJECTS": json.dumps(
                {"store_clustering": docs}
            ),
        }
    )


def prepare(variables: Mapping[str, str]) -> None:
    """Make the metadata database, the pool, the password, dbt's manifest and docs."""
    home = Path(variables["AIRFLOW_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    passwords = Path(variables["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    if not passwords.exists():
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps({USER: secrets.token_urlsafe(12)}))
    folder = str(DBT_PROJECT)
    where = ("--project-dir", folder, "--profiles-dir", folder, "--log-path", str(home))
    target = ("--target", "check", "--target-path", str(home / "dbt"))
    for command in (
        (BIN / "airflow", "db", "migrate"),
        (BIN / "airflow", "pools", "set", "duckdb", "1", "Builds take turns."),
        (BIN / "dbt", "docs", "generate", "--empty-catalog", *target, *where),
    ):
        done = subprocess.run(
            command, env=variables, capture_output=True, text=True, check=False
        )
        if done.returncode:
            shown = " ".join(map(str, command[:3]))
            sys.exit(f"Error: {shown} failed:\n{(done.stdout + done.stderr)[-3000:]}")


@contextmanager
def running(variables: Mapping[str, str]) -> Generator[dict[str, subprocess.Popen]]:
    """Run all parts of Airflow until the end of the block; give them by name."""
    parts: dict[str, subprocess.Popen] = {}
    try:
        for part in PARTS:
            parts[part] = start(part, variables)
        _wait_until_healthy(parts, variables)
        yield parts
    finally:
        stop(parts.values())


def start(part: str, variables: Mapping[str, str]) -> subprocess.Popen:
    """Start one of the parts; what it says goes to its log file."""
    with (Path(variables["AIRFLOW_HOME"]) / f"{part}.log").open("ab") as log:
        return subprocess.Popen(
            [BIN / "airflow", part, *PARTS[part]],
            env=variables,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C comes to it from here, once
        )


def stop(parts: Iterable[subprocess.Popen]) -> None:
    """Stop parts that were started, with all that they started and left behind."""
    parts = list(parts)
    for part in parts:
        part.terminate()
    until = time.monotonic() + SECONDS_TO_STOP
    for part in parts:
        with suppress(subprocess.TimeoutExpired):
            part.wait(timeout=max(0.1, until - time.monotonic()))
        with suppress(ProcessLookupError):  # none is left
            os.killpg(part.pid, signal.SIGKILL)
        part.wait()


def _wait_until_healthy(
    parts: Mapping[str, subprocess.Popen], variables: Mapping[str, str]
) -> None:
    health = variables["AIRFLOW__API__BASE_URL"] + "/api/v2/monitor/health"
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        _check_alive(parts)
        time.sleep(0.5)
        try:
            with urllib.request.urlopen(health, timeout=5) as answer:
                states = json.load(answer).values()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            continue
        if all(state["status"] == "healthy" for state in states):
            return
    sys.exit(f"Error: Airflow did not start; see {variables['AIRFLOW_HOME']}/*.log")


def _wait_for_end(parts: Mapping[str, subprocess.Popen]) -> None:
    while True:
        _check_alive(parts)
        time.sleep(1)


def _check_alive(parts: Mapping[str, subprocess.Popen]) -> None:
    for name, part in parts.items():
        if part.poll() is not None:
            sys.exit(f"Error: Airflow's {name} ended; see {name}.log in AIRFLOW_HOME")


def password(variables: Mapping[str, str]) -> str:
    """Return the password of the one user."""
    file = Path(variables["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    return json.loads(file.read_text())[USER]


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


if __name__ == "__main__":
    main()
