"""A browser in which a person has logged in to Airflow."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from clustering.airflow.local import USER, password
from clustering.core.paths import PROJECT
from tests.chromium import SWITCHES, find_chromium
from tests.dags.client import Airflow

PICTURES = PROJECT / "build" / "screenshots"
# Milliseconds to wait at most: other tests keep the machine busy.
PATIENCE = 240_000


@contextmanager
def logged_in(airflow: Airflow, profile: Path) -> Iterator[Page]:
    """Open a browser, log in, and give the page."""
    chromium = find_chromium()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium,
            args=SWITCHES,
            viewport={"width": 1600, "height": 1000},
        )
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.goto(airflow.url, wait_until="domcontentloaded")
        page.fill("input[name=username]", USER)
        page.fill("input[name=password]", password(airflow.variables))
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: "login" not in url)
        yield page
        browser.close()


def show(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"airflow_{name}.png")
