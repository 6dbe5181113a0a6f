"""New store: a planner uploads or types what is known, and sees where stores go.

Similar stores are on the page Store, too.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser

from clustering.core.paths import Paths
from clustering.queries import stores
from clustering.scoring.model import Model
from clustering.store.runs import PublishedRun
from tests.dashboard.browser import Visitor, serve
from tests.dashboard.conftest import visit


@pytest.fixture(scope="module")
def small_server(small_data: Paths) -> Iterator[str]:
    with serve(small_data.data) as url:
        yield url


@pytest.fixture
def planner(small_server: str, browser: Browser) -> Iterator[Visitor]:
    yield from visit(small_server, browser)


@pytest.fixture(scope="module")
def attributes(small_folder: Path) -> pd.DataFrame:
    rows = pd.read_parquet(small_folder / "store_attributes.parquet").head(2)
    return rows.assign(STORE_NBR=["9001", "9002"])


def assign(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Assign").click()
    visitor.settle()


def upload(visitor: Visitor, name: str, text: str) -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    visitor.page.locator("input[type=file]").set_input_files(file)
    visitor.page.get_by_text(name).wait_for()


def test_uploaded_stores_get_their_clusters_and_can_be_taken_away(
    planner: Visitor, small_run: PublishedRun, attributes: pd.DataFrame, tmp_path
):
    planner.open("new_store")
    upload(planner, "stores.csv", attributes.to_csv(index=False))
    assign(planner)
    expected = Model.of_run(small_run).assign(attributes)
    shown = planner.table()
    assert shown["Store"].tolist() == expected["store_id"].tolist()
    assert shown["Name"].tolist() == expected["cluster_name"].tolist()
    assert planner.metric("Stores") == "2"
    assert planner.metric("Inferred") == str(len(expected))
    with planner.page.expect_download() as download:
        planner.page.get_by_test_id("stDownloadButton").first.click()
    file = tmp_path / "found.csv"
    download.value.save_as(file)
    taken = pd.read_csv(file, dtype={"store_id": str})
    assert taken["cluster_id"].tolist() == expected["cluster_id"].tolist()
    for width in (1440, 420):
        planner.page.set_viewport_size({"width": width, "height": 900})
        planner.settle()
        planner.show(f"new_store_{width}")


def test_the_store_page_shows_the_stores_most_like_it(
    planner: Visitor, small_run: PublishedRun
):
    store_id = stores.ids(small_run)[0]
    planner.open(f"store?store={store_id}")
    similar = Model.of_run(small_run).similar_in_run(store_id)
    shown = planner.table(3)  # after those of clusters, of the form, and of reasons
    there = similar["similar_store"].tolist()
    assert shown["Similar store"].tolist() == there[: len(shown)]
    why = stores.shared_reasons(small_run, store_id, there)
    told = set(small_run.read("select reason from store_reasons")["reason"])
    assert {part for text in why["why"] for part in text.split("; ")} <= told
    planner.page.get_by_text("Most similar stores").scroll_into_view_if_needed()
    planner.show("store_similar")


def test_attributes_that_are_typed_assign_a_store(
    planner: Visitor, small_run: PublishedRun
):
    planner.open("new_store")
    planner.page.get_by_text("Or type what surrounds a store").click()
    planner.page.get_by_label("INCOME", exact=True).fill("51000")
    assign(planner)
    typed = pd.DataFrame({"STORE_NBR": ["new"], "INCOME": [51_000.0]})
    expected = Model.of_run(small_run).assign(typed)
    assert planner.table()["Cluster"].astype(int).tolist() == (
        expected["cluster_id"].tolist()
    )


def test_a_file_that_cannot_be_used_is_named(planner: Visitor):
    planner.open("new_store")
    upload(planner, "shops.csv", "SHOP,INCOME\n1,2\n")
    assign(planner)
    assert "shops.csv: no column STORE_NBR, found SHOP, INCOME" in planner.text
