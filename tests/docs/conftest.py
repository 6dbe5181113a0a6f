"""The docs site, built once by `make docs`, and a browser that tolerates nothing."""

import functools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import SWITCHES, find_chromium
from tests.conftest import PROJECT, UNSET

# Its union by name of what an unpivot made.
BEYOND = "no column lineage within: cluster_measures\n"
LOCAL = ("file:", "data:", "blob:", "http://127.0.0.1:")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site on a machine without input; a warning fails it."""
    folder = tmp_path_factory.mktemp("docs")
    variables = {name: value for name, value in os.environ.items() if name not in UNSET}
    result = subprocess.run(
        [sys.executable, "-m", "docs.build", "--site", folder / "site"],
        cwd=PROJECT,
        env=variables | {"DATA_DIR": str(folder / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    assert "no column lineage within" not in result.stdout.replace(BEYOND, "")
    return folder / "site"


@pytest.fixture(scope="session")
def artifacts(site: Path) -> Path:
    """Return what dbt wrote for the site: manifest.json and catalog.json."""
    return site.with_name("site-work") / "target"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session", params=["file", "http"])
def root(site: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of the entry page's folder, as a file and from a server."""
    if request.param == "file":
        yield site.as_uri()
        return
    handler = functools.partial(_Quiet, directory=site)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=SWITCHES)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page whose console must stay empty, and that asks nobody outside."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(240_000)
    found = watch(page)
    yield page
    page.close()
    assert not found


def watch(page: Page) -> list[str]:
    """Return a list that fills with the page's errors and requests to outside."""
    found: list[str] = []

    def notice(message) -> None:
        if message.type in {"error", "warning"}:
            found.append(f"{page.url}: {message.text}")

    def follow(request) -> None:
        if not request.url.startswith(LOCAL):
            found.append(f"{page.url} asks for {request.url}")

    def miss(request) -> None:
        if request.failure != "net::ERR_ABORTED":  # by leaving the page
            found.append(f"{page.url} lacks {request.url}: {request.failure}")

    page.on("console", notice)
    page.on("request", follow)
    page.on("requestfailed", miss)
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    return found
