"""A browser for the report."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.dashboard.browser import browse


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with browse() as browser:
        yield browser
