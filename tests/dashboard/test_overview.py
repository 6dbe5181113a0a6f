"""Overview: a planner's questions, each answered in at most two clicks."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser

from clustering.core.paths import Paths
from clustering.queries import clusters, overview, stores
from clustering.store.runs import PublishedRun
from tests.dashboard.browser import SECRET, Visitor, give_token, serve
from tests.dashboard.conftest import visit
from tests.dashboard.runs import write_run
from tests.dashboard.test_versions import waiting  # noqa: F401 a fixture

CATEGORY, OTHER = "SHAMPOO", "COFFEE"
CLICKS = "window.clicks = 0; addEventListener('click', () => window.clicks++, true)"


@pytest.fixture
def planner(
    paths: Paths,
    waiting: PublishedRun,  # noqa: F811
    browser: Browser,
) -> Iterator[Visitor]:
    """Open Overview where a version waits; clicks are counted."""
    with serve(paths.data, DASHBOARD_TOKEN=SECRET) as url:
        for visitor in visit(url, browser):
            visitor.page.add_init_script(CLICKS)
            yield visitor


def overview_of(visitor: Visitor, category: str = CATEGORY) -> Visitor:
    """Begin at Overview, with a category that was chosen before."""
    visitor.open(f"?category={category}")
    return visitor


def clicks(visitor: Visitor) -> int:
    return visitor.page.evaluate("window.clicks")


def find(visitor: Visitor, text: str) -> None:
    """Type into the box that finds stores."""
    box = visitor.page.get_by_label("Find a store")
    box.focus()
    box.fill(text)
    box.press("Enter")
    visitor.settle()


def test_eight_questions_take_at_most_two_clicks_each(planner, small_run):
    names = clusters.names(small_run, CATEGORY)
    store, cluster = small_run.read(
        "select store_id, cluster_id from store_clusters where category = ? limit 1",
        [CATEGORY],
    ).iloc[0]
    # which clusters has it, by name, and may I trust them?
    visitor = overview_of(planner)
    table = visitor.table()
    assert table["Name"].tolist() == list(names.values())
    bands = overview.clusters(small_run, CATEGORY)["stability_band"]
    assert table["Trust"].tolist() == bands.tolist()
    visitor.show("overview_clusters")
    # what sells in one?
    visitor.tick_row(1)
    visitor.page.locator("h1", has_text="Clusters").wait_for()
    visitor.settle()
    assert visitor.chosen | {"category": CATEGORY, "cluster": "2"} == visitor.chosen
    assert f"2 · {names[2]}" in visitor.text
    assert clicks(visitor) <= 2
    # where are they?
    visitor = overview_of(planner)
    visitor.page.get_by_role("link", name="Where they are").click()
    visitor.page.locator("h1", has_text="Map").wait_for()
    visitor.settle()
    assert visitor.chosen["category"] == CATEGORY
    assert clicks(visitor) <= 2
    # in which one is a store, and why? move it
    visitor = overview_of(planner)
    find(visitor, store)
    visitor.tick_row(0)
    visitor.page.locator("h1", has_text="Store").wait_for()
    visitor.settle()
    assert visitor.chosen["store"] == store
    place = visitor.table().set_index("Category").loc[CATEGORY]
    assert place["Cluster"] == str(cluster)
    reasons = visitor.table(2)  # after that of the form
    assert CATEGORY in reasons["Category"].tolist()
    visitor.page.get_by_text("Correct this store", exact=True).click()
    visitor.settle()
    assert clicks(visitor) <= 2
    give_token(visitor)
    assert visitor.page.get_by_role("button", name="Save the correction").is_visible()
    # approve
    visitor = overview_of(planner)
    visitor.page.get_by_role("link", name="Which version is live").click()
    visitor.page.locator("h1", has_text="Versions").wait_for()
    visitor.settle()
    assert clicks(visitor) + 1 <= 2  # and the button
    if visitor.page.get_by_label("Token", exact=True).count():
        give_token(visitor)
    visitor.page.get_by_role("button", name="Approve").wait_for()
    # hand it to a buyer
    visitor = overview_of(planner)
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Report of this category").click()
    page = Path(download.value.path()).read_text()
    assert all(name in page for name in names.values())
    assert f"<h2>{OTHER}" not in page
    assert clicks(visitor) <= 2


def test_what_is_chosen_stays_on_other_pages(planner):
    visitor = overview_of(planner)
    for title in ("Clusters", "Map", "Recommendations"):
        visitor.go(title)
        assert visitor.chosen["category"] == CATEGORY


@pytest.fixture
def named(tmp_path) -> PublishedRun:
    ids = ["2106", "12", "0210"]
    places = pd.DataFrame({"store_id": ids, "category": "GIN", "sales": 1.5})
    labels = pd.DataFrame(
        {"store_id": ids, "label_name": "CITY", "label": ["Ames", "Des Moines", "AMES"]}
    )
    return write_run(tmp_path / "run", store_clusters=places, store_labels=labels)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("21", ["2106", "0210"]),
        ("ames", ["0210", "2106"]),
        (" moines ", ["12"]),
        ("nowhere", []),
    ],
)
def test_stores_are_found_by_number_and_by_what_is_known_of_them(named, text, found):
    assert stores.search(named, text)["store_id"].tolist() == found


def test_a_run_without_texts_is_searched_by_number(named, tmp_path):
    places = named.read("from store_clusters")
    old = write_run(tmp_path / "old", store_clusters=places)
    assert stores.search(old, "12")["store_id"].tolist() == ["12"]
    assert stores.search(old, "ames").empty


def test_clusters_are_told_with_what_sells_most_in_them(small_run):
    found = overview.clusters(small_run, CATEGORY).set_index("cluster_id")
    best = small_run.read(
        "select cluster_id, label from cluster_profiles"
        " where category = ? and block = 'internal' qualify cluster_mean"
        " = max(cluster_mean) over (partition by cluster_id)",
        [CATEGORY],
    )
    for row in best.itertuples():
        assert found.loc[row.cluster_id, "sells"].startswith(row.label)
    assert found["change"].notna().all()


def test_two_clusters_differ_most_in_what_comes_first(small_run):
    found = clusters.difference(small_run, CATEGORY, 1, 2)
    gap = (found["standard_difference"] - found["other_standard_difference"]).abs()
    assert gap.is_monotonic_decreasing
    turned = clusters.difference(small_run, CATEGORY, 2, 1)
    assert set(turned["feature"]) == set(found["feature"])
