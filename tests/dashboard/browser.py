"""The dashboard as a person sees it: the real server, in a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from cli.paths import PROJECT

PICTURES = PROJECT / "build" / "screenshots"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTH, HEIGHT = 1280, 800
PATIENCE = 60_000  # milliseconds


@contextmanager
def serve(data: Path) -> Iterator[str]:
    """Run the dashboard on ``data``/published, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "dashboard.serve", "--port", str(port)],
        env=os.environ | {"DATA_DIR": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate()


@contextmanager
def browse() -> Iterator[Browser]:
    """Start Debian's chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A person with a browser, who notes what must not be."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._note_request)

    def open(self, path: str = "") -> None:
        """Open a page by its address, and wait until it is complete."""
        self.page.goto(f"{self.url}/{path}", wait_until="domcontentloaded")
        self.settle()

    def go(self, title: str) -> None:
        """Go to a page by the navigation."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
        self.page.locator("h1", has_text=title).wait_for()
        self.settle()

    def choose(self, label: str, option: str) -> None:
        """Choose the option of a select box that begins with ``option``."""
        self.page.get_by_role("combobox", name=label).click()
        self.page.get_by_role("option").filter(has_text=option).first.click()
        self.settle()

    def settle(self) -> None:
        """Wait until the script has run and the charts are drawn."""
        self.page.locator("h1").first.wait_for()
        self.page.locator(
            "[data-testid=stApp][data-test-script-state=notRunning]"
        ).wait_for()
        self.page.wait_for_timeout(300)
        assert not self.page.get_by_test_id("stException").all(), self.text
        assert not self.page.get_by_test_id("stSkeleton").all()

    @property
    def text(self) -> str:
        """All that can be read on the page."""
        return self.page.get_by_test_id("stMain").inner_text()

    def metric(self, label: str) -> str:
        """Return the figure of a tile."""
        tile = self.page.get_by_test_id("stMetric").filter(has_text=label).first
        return tile.get_by_test_id("stMetricValue").inner_text()

    def marks(self, kind: str = "symbol") -> Locator:
        """Return the marks of the charts: symbol, rect, bar or line."""
        return self.page.locator(f".mark-{kind} path, .mark-{kind} rect")

    def show(self, name: str) -> None:
        """Keep a picture of the page."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"dashboard_{name}.png")

    def _note_message(self, message: object) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def _note_request(self, request: object) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.faults.append(f"request to {request.url}")


def _wait_until_healthy(url: str, server: subprocess.Popen[str]) -> None:
    for _ in range(300):
        assert server.poll() is None, server.stdout.read()
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer")
