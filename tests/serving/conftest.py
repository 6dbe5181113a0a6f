"""Published runs to serve: real ones, built once."""

from collections.abc import Iterator

import pytest

from tests.postgres import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start a PostgreSQL server, and give its URL."""
    with postgres() as url:
        yield url
