"""A published run in files and in PostgreSQL, and Superset beside it."""

from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from clustering.core.paths import PROJECT
from tests.bi.superset import PAGE, Superset, install, superset_in
from tests.conftest import publish_from
from tests.pages import block
from tests.postgres import postgres


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder in which the page's commands find what they name."""
    folder = tmp_path_factory.mktemp("project")
    install()
    for name in ("build", "configs"):
        (folder / name).symlink_to(PROJECT / name)
    return folder


@pytest.fixture(scope="session")
def publisher() -> Iterator[str]:
    """Start a PostgreSQL server; give its URL for who publishes."""
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def published(project: Path, small_folder: Path, publisher: str) -> Path:
    """Publish a first run to both, and make the user that the page makes."""
    published = publish_from(
        small_folder, data=project / "data", PUBLISH_POSTGRES_DSN=publisher
    )
    connection = psycopg2.connect(publisher)
    with connection, connection.cursor() as cursor:
        cursor.execute(block(PAGE, "sql", having="create role"))
    connection.close()
    return published


@pytest.fixture(scope="session")
def superset(project: Path) -> Iterator[Superset]:
    """Run Superset."""
    with superset_in(project) as superset:
        yield superset
