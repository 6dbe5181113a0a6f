"""Published runs to serve: real ones, built once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.paths import Paths
from serving.runs import PublishedRun, current_run
from tests.conftest import run_clustering
from tests.postgres import postgres


@pytest.fixture(scope="session")
def small_data(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """Run the pipeline on the small sample, once; not to be changed."""
    data = tmp_path_factory.mktemp("serving")
    result = run_clustering(
        "run", "--raw", small_folder, "--param", "bootstrap_resamples=5", data=data
    )
    assert result.returncode == 0, result.stderr
    return Paths(data)


@pytest.fixture
def paths(small_data: Paths, tmp_path: Path) -> Paths:
    """Copy it, to be changed."""
    for name in ("published", "warehouse"):
        shutil.copytree(small_data.data / name, tmp_path / name, symlinks=True)
    return Paths(tmp_path)


@pytest.fixture(scope="session")
def small_run(small_data: Paths) -> PublishedRun:
    """Return the run that is published there."""
    return current_run(small_data.published)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start a PostgreSQL server, and give its URL."""
    with postgres() as url:
        yield url
