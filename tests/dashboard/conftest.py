"""One server and one browser for all tests of pages.

They end with the last of these tests: playwright runs once at a time in a process.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from clustering.core.paths import Paths
from clustering.store.runs import PublishedRun, current_run, kept_runs
from tests.conftest import run_clustering
from tests.dashboard.browser import HEIGHT, WIDTH, Visitor, browse, serve


@pytest.fixture(scope="package")
def server(iowa_published: Path) -> Iterator[str]:
    """Address of a dashboard on real clusters."""
    with serve(iowa_published.parent) as url:
        yield url


@pytest.fixture(scope="session")
def run(iowa_published: Path) -> PublishedRun:
    """Return what the dashboard shows, to compare with."""
    return current_run(iowa_published)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with browse() as browser:
        yield browser


@pytest.fixture
def visitor(server: str, browser: Browser) -> Iterator[Visitor]:
    """Open an empty page; what went wrong on it fails the test."""
    yield from visit(server, browser)


def visit(url: str, browser: Browser) -> Iterator[Visitor]:
    """Open an empty page of a server; what went wrong on it fails the test."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    visitor = Visitor(context.new_page(), url)
    yield visitor
    context.close()
    assert visitor.faults == []


# Quick to build, other clusters, and a category is missing.
OTHER_SETTINGS = (
    "max_clusters=4",
    "rebalance_mode=cluster",
    "min_cluster_size=4",
    "max_cluster_size=8",
    "bootstrap_resamples=2",
    "stability_resamples=2",
    "excluded_categories=[SHAMPOO]",
)


@pytest.fixture(scope="session")
def two_runs_data(
    small_folder: Path, small_data: Paths, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a data folder where another run came after the first."""
    data = tmp_path_factory.mktemp("two_runs")
    shutil.copytree(small_data.published, data / "published", symlinks=True)
    settings = [part for one in OTHER_SETTINGS for part in ("--param", one)]
    result = run_clustering("run", "--raw", small_folder, *settings, data=data)
    assert result.returncode == 0, result.stderr
    return data


@pytest.fixture(scope="session")
def two_runs(two_runs_data: Path) -> list[PublishedRun]:
    """Return both, the later one first."""
    return kept_runs(two_runs_data / "published")


@pytest.fixture(scope="session")
def two_runs_server(two_runs_data: Path) -> Iterator[str]:
    """Address of a dashboard on both."""
    with serve(two_runs_data) as url:
        yield url


@pytest.fixture
def two_runs_visitor(two_runs_server: str, browser: Browser) -> Iterator[Visitor]:
    """Open an empty page of it; what went wrong on it fails the test."""
    yield from visit(two_runs_server, browser)
