"""A browser in which a person has logged in to Airflow."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from clustering.airflow.local import USER, password
from clustering.core.paths import PROJECT
from tests.dags.client import Airflow

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


@contextmanager
def logged_in(airflow: Airflow, profile: Path) -> Iterator[Page]:
    """Open a browser, log in, and give the page."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium,
            args=SWITCHES,
            viewport={"width": 1600, "height": 1000},
        )
        page = browser.new_page()
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        page.goto(airflow.url, wait_until="domcontentloaded")
        page.fill("input[name=username]", USER)
        page.fill("input[name=password]", password(airflow.variables))
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: "login" not in url)
        yield page
        browser.close()


def show(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"airflow_{name}.png")
