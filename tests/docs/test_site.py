"""The docs site as a person sees it, from a file and from a server."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import PROJECT
from tests.docs.conftest import watch

PICTURES = PROJECT / "build" / "screenshots"
STORE_CLUSTERS = "model.store_clustering.store_clusters"
NODES = """
    () => document.getElementById('cy')?._cyreg?.cy.nodes(':visible').map(
        node => node.id()
    ) ?? []
"""


@pytest.fixture(autouse=True)
def wait_long() -> None:
    """Give a busy machine time."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=240_000)


def show(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"docs_{name}.png")


def test_entry_page_leads_to_every_guide(root: str, page: Page) -> None:
    page.goto(f"{root}/index.html")
    expect(page.locator("h1")).to_contain_text("Store Clustering")
    overview = page.locator("img.overview")
    assert overview.evaluate("image => image.naturalWidth") > 0
    show(page, "entry")
    addresses = page.locator("article a[href], .sidebar-tree a[href]").evaluate_all(
        "links => links.map(link => link.href.split('#')[0])"
    )
    guides = {f"{root}/{file.stem}.html" for file in (PROJECT / "docs").glob("*.md")}
    assert guides <= set(addresses)
    for address in sorted(guides):
        page.goto(address)
        expect(page.locator("h1").first).to_be_visible()
        broken = page.locator("article img").evaluate_all(
            "all => all.filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
        )
        assert broken == []
    assert f"{root}/dbt/index.html" in addresses
    page.goto(f"{root}/dbt/index.html")
    expect(page.get_by_role("heading", name="Store clusters")).to_be_visible()


def test_search_finds_words_and_settings(root: str, page: Page) -> None:
    page.goto(f"{root}/index.html")
    page.fill(".sidebar-search", "quarantined")
    page.press(".sidebar-search", "Enter")
    results = page.locator("ul.search")
    expect(results.get_by_role("link", name="Bring your data").first).to_be_visible()
    setting = results.get_by_role("link", name="max_quarantined_share", exact=True)
    expect(setting).to_be_visible()
    show(page, "search")
    setting.click()
    expect(page.locator("#confval-max_quarantined_share")).to_be_visible()


def test_api_page_has_signature_parameters_and_source(root: str, page: Page) -> None:
    page.goto(f"{root}/api/prepare.html")
    name = "[id='ml.preparation.prepare']"
    function = page.locator("dl", has=page.locator(name)).first
    for text in ("n_components", "Parameters", "one row per store and category"):
        expect(function).to_contain_text(text, ignore_case=True)
    show(page, "api")
    function.locator(".viewcode-link").first.click()
    expect(page.locator("pre")).to_contain_text("def prepare(")


def test_graph_of_a_mart_opens_with_its_models(root: str, page: Page) -> None:
    page.goto(f"{root}/marts.html")
    mart = page.locator("section#store-clusters")
    mart.get_by_role("link", name="Tests, SQL and lineage").click()
    expect(page.locator("h1", has_text="store_clusters")).to_be_visible()
    column = page.locator("tr", has_text="assignment_method").first
    expect(column).to_contain_text("VARCHAR")
    page.get_by_title("View Lineage Graph").click()
    page.wait_for_function(f"({NODES})().includes('{STORE_CLUSTERS}')")
    page.get_by_title("View Fullscreen").first.click()
    page.wait_for_function(
        f"({NODES})().includes('source.store_clustering.raw.internal_sales')"
    )
    names = {node.rpartition(".")[2] for node in page.evaluate(NODES)}
    assert {"stg_internal_sales", "internal_clusters", "numbered_clusters"} <= names
    page.wait_for_timeout(1_000)  # the graph glides to its place
    show(page, "graph")


def test_column_lineage_shows_where_a_column_comes_from(root: str, page: Page) -> None:
    page.goto(f"{root}/marts.html")
    mart = page.locator("section#cluster-summary")
    link = mart.get_by_role("link", name="where its columns come from")
    address = link.get_attribute("href")
    assert address.startswith("columns/index.html?model=")
    page.goto(f"{root}/{address}&column=cluster_name")
    expect(page.get_by_text("Stores that came from small merged")).to_be_attached()
    page.get_by_role("button", name="Lineage").first.click()
    tables = page.locator(".react-flow__node")
    expect(tables.filter(has_text="cluster_summary")).to_contain_text("cluster_name")
    origin = tables.filter(has_text="store_clusters")
    page.wait_for_timeout(1_000)  # the graph glides to its place
    origin.get_by_role("button").first.click()
    expect(origin).to_contain_text("cluster_name")
    edge = "store_clusters-cluster_name-model.store_clustering.cluster_summary"
    expect(page.locator(f".react-flow__edge[data-id*='{edge}']")).to_have_count(1)
    page.wait_for_timeout(1_000)
    show(page, "columns")


@pytest.mark.parametrize(
    ("scheme", "width"), [("dark", 1400), ("light", 390)], ids=["dark", "phone"]
)
def test_pages_are_readable(
    site: Path, browser: Browser, scheme: str, width: int
) -> None:
    """No page is wider than its window."""
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    found = watch(page)
    for name in ("index", "marts", "settings", "quality", "add-a-data-source"):
        page.goto((site / f"{name}.html").as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth")
        show(page, f"{name}_{scheme}_{width}")
        assert wide <= width, name
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (dark != "rgb(255, 255, 255)") == (scheme == "dark")
    page.close()
    assert not found
