"""One Airflow for all tests of the DAGs, on a small sample."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page

from tests.airflow.conftest import Mailbox, mail_connection, mail_server
from tests.dags.browser import logged_in
from tests.dags.client import Airflow, airflow_in
from tests.dbt.conftest import copy_project, run_dbt

Marts = dict[str, list[tuple]]


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    """Where alerts of that Airflow arrive."""
    with mail_server() as box:
        yield box


@pytest.fixture(scope="session")
def airflow(
    mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Airflow]:
    alerts = {
        "ALERT_MAIL_TO": "planner@example.com",
        "AIRFLOW_CONN_SMTP_DEFAULT": mail_connection(mailbox.port),
    }
    with airflow_in(tmp_path_factory.mktemp("airflow"), **alerts) as airflow:
        yield airflow


@pytest.fixture
def sample(airflow: Airflow, small_folder: Path) -> Airflow:
    """Airflow with the input of the small sample, and nothing published."""
    airflow.put_input(small_folder)
    shutil.rmtree(airflow.published, ignore_errors=True)
    return airflow


@pytest.fixture
def page(airflow: Airflow, tmp_path: Path) -> Iterator[Page]:
    """Open a browser in which a person has logged in."""
    with logged_in(airflow, tmp_path / "profile") as page:
        yield page


@pytest.fixture(scope="session")
def plain_warehouse(
    small_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Warehouse that a plain `dbt build` makes of the small sample."""
    folder = tmp_path_factory.mktemp("plain")
    result = run_dbt(copy_project(small_folder, folder), "build")
    assert result.returncode == 0, result.stdout
    return folder / "data/warehouse/store_clustering.duckdb"


@pytest.fixture(scope="session")
def plain_marts(plain_warehouse: Path) -> Marts:
    """Return its marts."""
    return _marts_of(plain_warehouse, "marts")


def published_marts(airflow: Airflow) -> Marts:
    """Return every published mart, whole."""
    return _marts_of(airflow.published / "store_clustering.duckdb", "main")


def _marts_of(database: Path, schema: str) -> Marts:
    with duckdb.connect(database, read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = ?"
            # when and how it was built is each run's own
            " and table_name <> 'run' and table_name not like 'run|_%' escape '|'"
            " and table_name not in ('cluster_versions', 'cluster_history')",
            [schema],
        ).fetchall()
        return {
            name: connection.execute(f"from {schema}.{name} order by all").fetchall()
            for (name,) in names
        }
