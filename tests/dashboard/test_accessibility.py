"""Accessibility: no page has a fault that matters by the rules of axe-core."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.dashboard.browser import PATIENCE

PAGES = [
    "Overview",
    "Clusters",
    "Map",
    "Store",
    "New store",
    "Recommendations",
    "Corrections",
    "Migrations",
    "Scenarios",
    "Versions",
    "Choice of k",
    "Data quality",
]
# Streamlit's own, which has its headings among the items of the list.
NAVIGATION = '[data-testid="stSidebarNav"]'


@pytest.mark.parametrize("width", [1440, 420])
def test_no_page_has_a_fault_that_matters(visitor, width):
    visitor.page.set_viewport_size({"width": 1440, "height": 900})
    visitor.open()
    links = visitor.page.get_by_test_id("stSidebarNavLink")
    titles = [text.split("\n")[-1] for text in links.all_inner_texts()]
    assert titles == PAGES
    addresses = [link.get_attribute("href") for link in links.all()]
    visitor.page.set_viewport_size({"width": width, "height": 900})
    found = [
        (title, one["id"], node["html"])
        for title, address in zip(titles, addresses, strict=True)
        for one in find_faults(visitor, address)
        for node in one["nodes"]
    ]
    assert found == []


def test_what_cannot_be_read_is_a_fault(visitor):
    visitor.open()
    visitor.page.add_style_tag(content="p { color: #eeeeee !important }")
    assert "color-contrast" in {one["id"] for one in find_faults(visitor)}


def find_faults(visitor, address: str | None = None) -> list[dict]:
    """Return what axe-core finds on a page, or on this one, but for minor faults."""
    if address:
        visitor.page.goto(address, wait_until="domcontentloaded", timeout=PATIENCE)
        visitor.settle()
    context = {"exclude": [[NAVIGATION]]}
    found = Axe().run(visitor.page, context=context).response["violations"]
    return [one for one in found if one["impact"] != "minor"]
