"""`make airflow`, as a user sees it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.dags.client import free_port, wait_for

MODULE = [sys.executable, "-u", "-m", "clustering.airflow.local", "--port"]


def run_local(port: int, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MODULE, str(port)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_address_and_login_are_printed_and_hold(tmp_path: Path) -> None:
    port, out = free_port(), tmp_path / "out"
    variables = {**os.environ, "DATA_DIR": str(tmp_path / "data")}
    with out.open("w") as file:
        local = subprocess.Popen(
            [*MODULE, str(port)], env=variables, stdout=file, stderr=file
        )
    try:
        wait_for(lambda: "Ctrl-C" in out.read_text(), what="Airflow", seconds=300)
        said = out.read_text()
        url = re.search(r"Airflow is at (\S+)", said)[1]
        login = {
            "username": re.search(r"user +(\S+)", said)[1],
            "password": re.search(r"password +(\S+)", said)[1],
        }
        token = call(f"{url}/auth/token", body=login)["access_token"]
        dags = call(f"{url}/api/v2/dags", token=token)["dags"]
        assert len(dags) == 4
        assert not any(dag["is_paused"] for dag in dags)
        assert str(tmp_path / "data" / "raw") in said
    finally:
        local.send_signal(signal.SIGTERM)
        assert local.wait(timeout=90) == 0
    assert out.read_text().endswith("stopped\n")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


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
