"""One server and one browser for all tests of pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from serving.runs import PublishedRun, current_run
from tests.dashboard.browser import HEIGHT, WIDTH, Visitor, browse, serve


@pytest.fixture(scope="session")
def server(iowa_published: Path) -> Iterator[str]:
    """Address of a dashboard on real clusters."""
    with serve(iowa_published.parent) as url:
        yield url


@pytest.fixture(scope="session")
def run(iowa_published: Path) -> PublishedRun:
    """Return what the dashboard shows, to compare with."""
    return current_run(iowa_published)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with browse() as browser:
        yield browser


@pytest.fixture
def visitor(server: str, browser: Browser) -> Iterator[Visitor]:
    """Open an empty page; what went wrong on it fails the test."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    visitor = Visitor(context.new_page(), server)
    yield visitor
    context.close()
    assert visitor.faults == []
