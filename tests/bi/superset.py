"""Apache Superset as docs/bi.md says how to run it, and its REST API."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from clustering.core.paths import PROJECT
from tests.compose.stack import free_port, wait_for
from tests.conftest import UNSET
from tests.pages import block

PAGE = "bi.md"
ENVIRONMENT = PROJECT / "build" / "superset"
LOCK = PROJECT / "locks" / "superset.txt"
SECRETS = {
    "change me: openssl rand -base64 42": "of-this-test-alone-" * 3,
    "change me": "for-this-test-alone",
}


def install() -> None:
    """Make the environment as the page says, unless it has what the lock says."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    stamp = ENVIRONMENT / "lock.sha256"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    script = block(PAGE, "sh", having="uv pip install")
    _run(script.replace(".venv/bin", str(Path(sys.executable).parent)), PROJECT)
    stamp.write_text(wanted)


@dataclass(frozen=True)
class Superset:
    """A server that runs, and a user who has logged in.

    Parameters
    ----------
    url : str
        Where it answers.
    user : OpenerDirector
        Sends requests as the user admin.
    connections : Path
        File with every address outside of this machine that it tried to reach.
    """

    url: str
    user: OpenerDirector
    connections: Path

    def get(self, path: str) -> Any:
        """Get what the API has at ``path``."""
        return _fetch(self.user, f"{self.url}/api/v1/{path}")

    def post(self, path: str, **body: Any) -> Any:
        """Post to the API; return its answer."""
        return _fetch(self.user, f"{self.url}/api/v1/{path}", body)

    def delete(self, path: str) -> None:
        """Delete what the API has at ``path``."""
        _fetch(self.user, f"{self.url}/api/v1/{path}", method="DELETE")

    def add_database(self, name: str, uri: str, **connect_args: Any) -> int:
        """Connect a database; return its id."""
        extra = {"engine_params": {"connect_args": connect_args}}
        return self.post(
            "database/",
            database_name=name,
            sqlalchemy_uri=uri,
            extra=json.dumps(extra),
            expose_in_sqllab=True,
        )["id"]

    def add_dataset(self, database: int, table: str, **more: str) -> int:
        """Add a table, or with ``sql`` a virtual dataset; return its id."""
        return self.post("dataset/", database=database, table_name=table, **more)["id"]

    def add_chart(self, dataset: int, *, by: str, metrics: dict[str, str]) -> int:
        """Save a table chart of ``metrics``, SQL by name; return its id."""
        query = {
            "columns": [by],
            "metrics": [
                {"expressionType": "SQL", "sqlExpression": sql, "label": name}
                for name, sql in metrics.items()
            ],
            "orderby": [[by, True]],
            "row_limit": 10_000,
        }
        context = {
            "datasource": {"id": dataset, "type": "table"},
            "queries": [query],
            "result_format": "json",
            "result_type": "full",
            "force": True,
        }
        return self.post(
            "chart/",
            slice_name=f"{by} of {dataset}",
            viz_type="table",
            datasource_id=dataset,
            datasource_type="table",
            query_context=json.dumps(context),
            params=json.dumps(
                {
                    "viz_type": "table",
                    "datasource": f"{dataset}__table",
                    "query_mode": "aggregate",
                    "groupby": [by],
                    "metrics": query["metrics"],
                    "row_limit": 10_000,
                }
            ),
        )["id"]

    def chart_data(self, chart: int) -> list[tuple]:
        """Return the rows that a saved chart shows now."""
        [result] = self.get(f"chart/{chart}/data/?force=true")["result"]
        assert result["error"] is None, result["error"]
        return [tuple(row.values()) for row in result["data"]]

    def query(self, database: int, sql: str) -> list[tuple]:
        """Run ``sql`` in SQL Lab and return its rows."""
        answer = self.post("sqllab/execute/", database_id=database, sql=sql)
        return [tuple(row.values()) for row in answer["data"]]


@contextmanager
def superset_in(project: Path) -> Iterator[Superset]:
    """Prepare Superset as the page says, and run it until the block ends.

    Parameters
    ----------
    project : Path
        A folder with build and configs as in the project, and data.
    """
    connections = project / "connections.txt"
    connections.touch()
    prepare = _filled(block(PAGE, "sh", having="db upgrade"))
    variables = {
        "PYTHONPATH": str(PROJECT / "tests" / "recorded"),
        "CONNECTIONS": str(connections),
    }
    _run(prepare, project, variables)
    exports = "".join(re.findall(r"^export .*\n", prepare, flags=re.MULTILINE))
    port = str(free_port())
    start = block(PAGE, "sh", having="superset run").replace("8088", port)
    with (project / "superset.log").open("w") as log:
        server = subprocess.Popen(
            ["bash", "-euc", f"{exports}exec {start}"],
            cwd=project,
            env=_environment() | variables,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            user = wait_for(lambda: _log_in(url), seconds=300)
            yield Superset(url, user, connections)
        finally:
            server.terminate()
            server.wait(60)


def _filled(script: str) -> str:
    """Return the script with a key and a password that are not to be changed."""
    for open_one, secret in SECRETS.items():
        script = script.replace(f"'{open_one}'", secret)
    return script


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in UNSET}


def _log_in(url: str) -> OpenerDirector:
    user = build_opener(HTTPCookieProcessor())
    user.addheaders.append(("Referer", url))
    who = {"username": "admin", "password": SECRETS["change me"], "provider": "db"}
    token = _fetch(user, f"{url}/api/v1/security/login", who)["access_token"]
    user.addheaders.append(("Authorization", f"Bearer {token}"))
    csrf = _fetch(user, f"{url}/api/v1/security/csrf_token/")["result"]
    user.addheaders.append(("X-CSRFToken", csrf))
    return user


def _fetch(
    user: OpenerDirector, url: str, body: object = None, *, method: str | None = None
) -> Any:
    request = Request(url, method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with user.open(request, timeout=60) as answer:
            return json.load(answer)
    except HTTPError as error:
        raise AssertionError(f"{url}: {error.code} {error.read().decode()}") from None


def _run(script: str, project: Path, variables: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=project,
        env=_environment() | (variables or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
