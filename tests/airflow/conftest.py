"""Fixtures for tests of the DAGs' parts: an Airflow, and recipients of alerts."""

import atexit
import email
import email.policy
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller

# Airflow reads these when it is first imported, so they are set before any test module
# is: a home of the tests' own, gone when they end. What is set already stays: another
# conftest may have been first.
HOME = Path(tempfile.mkdtemp(prefix="airflow-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
NO_DAGS = HOME / "dags"
NO_DAGS.mkdir()
for name, value in {
    "AIRFLOW_HOME": str(HOME),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__API__BASE_URL": "http://127.0.0.1:8080",
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
}.items():
    os.environ.setdefault(name, value)

HOST = "127.0.0.1"
CONNECTIONS = ("AIRFLOW_CONN_SMTP_DEFAULT", "AIRFLOW_CONN_SLACK_DEFAULT")


class Mailbox:
    """An SMTP server that keeps what it gets, or ``refuses`` it."""

    def __init__(self) -> None:
        self.refuses = False
        self.port = free_port()
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return "552 mailbox full"
        self.mails.append(
            email.message_from_bytes(envelope.content, policy=email.policy.default)
        )
        return "250 OK"


class Slack(ThreadingHTTPServer):
    """An incoming webhook that keeps what it gets, and answers with ``status``."""

    def __init__(self) -> None:
        super().__init__((HOST, 0), SlackRequest)
        self.texts: list[str] = []
        self.status = 200


class SlackRequest(BaseHTTPRequestHandler):
    server: Slack

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.texts.append(json.loads(body)["text"])
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Run a Mailbox until the block ends."""
    box = Mailbox()
    controller = Controller(box, hostname=HOST, port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture(autouse=True)
def no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CONNECTIONS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """Where mail arrives; the connection is set."""
    with mail_server() as box:
        set_mail_connection(monkeypatch, port=box.port)
        yield box


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    """Where Slack's messages arrive; the connection is set."""
    with Slack() as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        set_slack_connection(monkeypatch, port=server.server_port)
        yield server
        server.shutdown()
        thread.join()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def set_mail_connection(
    monkeypatch: pytest.MonkeyPatch, *, port: int, **extra: object
) -> None:
    monkeypatch.setenv(CONNECTIONS[0], mail_connection(port, **extra))


def mail_connection(port: int, **extra: object) -> str:
    """Return the connection of a Mailbox, as Airflow reads it."""
    extra = {"disable_ssl": True, "disable_tls": True, "timeout": 5} | extra
    return json.dumps({"conn_type": "smtp", "host": HOST, "port": port, "extra": extra})


def set_slack_connection(monkeypatch: pytest.MonkeyPatch, *, port: int) -> None:
    url = f"http://{HOST}:{port}/services/T0/B0/X"
    connection = {"conn_type": "slackwebhook", "password": url}
    monkeypatch.setenv(CONNECTIONS[1], json.dumps(connection))


@pytest.fixture(scope="session")
def run_dag() -> Callable[..., Any]:
    """Run a DAG here, task after task, with the contexts that Airflow gives them."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    from airflow.utils import db

    db.initdb()
    DagBundlesManager().sync_bundles_to_db()

    def run(dag: Any, **conf: object) -> Any:
        bag = DagBag(dag_folder=NO_DAGS)
        bag.bag_dag(dag)
        sync_bag_to_db(bag, "dags-folder", None)
        return dag.test(run_conf=conf)

    return run
