"""The dashboard as a person sees it: the real server, in a real browser."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pandas as pd
from playwright.sync_api import Browser, Page, sync_playwright

from clustering.core.paths import PROJECT
from tests.chromium import SWITCHES, find_chromium

# Of dashboards that decisions are made in.
SECRET = "a token of the test's own"
SERVER = (sys.executable, "-m", "clustering.dashboard.serve")
PICTURES = PROJECT / "build" / "screenshots"
WIDTH, HEIGHT = 1280, 800
# Milliseconds: to wait at most, and without any change until a page is complete.
PATIENCE = 240_000
QUIET = 350
# Pixels of a row of a table.
ROW = 35
# Notes when a page changed last, in its elements or in what is drawn on a canvas.
WATCH = """
const change = () => { window.lastChange = performance.now() };
new MutationObserver(change).observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true
});
for (const name of ["fill", "stroke", "fillText", "fillRect", "clearRect"]) {
    const draw = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...given) {
        change();
        return draw.apply(this, given);
    };
}
addEventListener("click", () => { window.lastClick = performance.now() }, true);
"""
IS_COMPLETE = f"""
document.querySelector("h1")
    && document.querySelector("[data-test-script-state=notRunning]")
    && !document.querySelector("[data-testid=stSkeleton]")
    && performance.now() - Math.max(window.lastChange, window.lastClick || 0) > {QUIET}
"""
MARKS = """
marks => marks.map(mark => Object.fromEntries([
    ["fill", mark.getAttribute("fill")],
    ...(mark.getAttribute("aria-label") || "").split("; ").map(
        part => [part.slice(0, part.indexOf(": ")), part.slice(part.indexOf(": ") + 2)]
    ),
]))
"""
SECONDS = "(window.lastChange - (window.lastClick || 0)) / 1000"
# Streamlit looks for itself below the page's own address first.
PROBES = ("/_stcore/health", "/_stcore/host-config")


@contextmanager
def serve(
    data: Path,
    *options: str,
    command: Sequence[str | Path] = SERVER,
    flag: str = "--port",
    **variables: str,
) -> Iterator[str]:
    """Run the dashboard on ``data``/published, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [*command, flag, str(port), *options],
        env=os.environ | {"DATA_DIR": str(data)} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate()


@contextmanager
def browse() -> Iterator[Browser]:
    """Start Debian's chromium."""
    chromium = find_chromium()
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
        self.page.add_init_script(WATCH)
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._note_request)

    def open(self, path: str = "") -> None:
        """Open a page by its address, and wait until it is complete."""
        self.page.goto(f"{self.url}/{path}", wait_until="domcontentloaded")
        self.settle()

    def go(self, title: str) -> None:
        """Go to a page by the navigation."""
        self.page.get_by_test_id("stSidebarNav").get_by_role(
            "link", name=title, exact=True
        ).click()
        self.page.locator("h1", has_text=title).wait_for()
        self.settle()

    def choose(self, label: str, option: str) -> None:
        """Choose the option of a select box that begins with ``option``."""
        self.page.get_by_role("combobox", name=label).click()
        self.page.keyboard.type(option)
        begins = re.compile(f"^{re.escape(option)}")
        self.page.get_by_role("option").filter(has_text=begins).first.click()
        self.settle()

    @property
    def choices(self) -> list[str]:
        """Labels of the select boxes in the side bar, but for the run's."""
        boxes = self.page.get_by_test_id("stSidebar").get_by_test_id("stSelectbox")
        labels = [box.locator("label").inner_text() for box in boxes.all()]
        return [label for label in labels if label != "Run"]

    def choose_nth(self, label: str, place: int) -> None:
        """Choose the option at this place, from 0, of a select box; they come round."""
        self.page.get_by_role("combobox", name=label).click()
        # the click may scroll the side bar, which closes the list again
        self.page.keyboard.press("ArrowDown")
        options = self.page.get_by_role("option")
        options.first.wait_for()
        options.nth(place % options.count()).click()
        self.settle()

    def settle(self) -> None:
        """Wait until the script has run and nothing changes any more."""
        self.page.wait_for_function(IS_COMPLETE)
        assert not self.page.get_by_test_id("stException").all(), self.text

    @property
    def seconds(self) -> float:
        """Seconds from the last click, or from the start, to the last change."""
        return self.page.evaluate(SECONDS)

    @property
    def text(self) -> str:
        """All that can be read on the page."""
        return self.page.get_by_test_id("stMain").inner_text()

    @property
    def chosen(self) -> dict[str, str]:
        """Return the choices that the address has."""
        return dict(parse_qsl(urlsplit(self.page.url).query))

    def metric(self, label: str) -> str:
        """Return the figure of a tile."""
        tile = self.page.get_by_test_id("stMetric").filter(has_text=label).first
        return tile.get_by_test_id("stMetricValue").inner_text()

    def table(self, place: int = 0) -> pd.DataFrame:
        """Return a table as it is read aloud: the rows that are in view."""
        table = self.page.get_by_test_id("stDataFrame").nth(place).locator("table")
        # the grid hides its words from sight, so only their text is there
        rows = [
            row.locator("th, td").all_text_contents()
            for row in table.locator("tr").all()
        ]
        return pd.DataFrame(rows[1:], columns=rows[0])

    def tick_row(self, row: int, *, place: int = 0) -> None:
        """Choose a row, counted from 0, of a table in which one can be chosen."""
        grid = self.page.get_by_test_id("stDataFrame").nth(place)
        at = {"x": 16, "y": ROW * (row + 1.5)}
        grid.locator(".dvn-scroller").click(position=at)

    def marks(self, chart: int = 0) -> list[dict[str, str]]:
        """Return the rectangles and bars of a chart: what each says, and its fill."""
        marks = self.page.locator("svg.marks").nth(chart).locator(".mark-rect path")
        return marks.evaluate_all(MARKS)

    def show(self, name: str) -> None:
        """Keep a picture of the page."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"dashboard_{name}.png")

    def _note_message(self, message: object) -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not where.endswith(PROBES):
            self.faults.append(message.text)

    def _note_request(self, request: object) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.faults.append(f"request to {request.url}")


def wait_until_healthy(url: str, server: subprocess.Popen[str]) -> None:
    """Wait until a dashboard answers at the address of its health."""
    for _ in range(1200):
        assert server.poll() is None, server.stdout.read()
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer")


def give_token(visitor: Visitor, token: str = SECRET) -> None:
    """Log in as who reads the terminal does."""
    field = visitor.page.get_by_label("Token", exact=True)
    field.fill(token)
    field.press("Enter")
    visitor.settle()
