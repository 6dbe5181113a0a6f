"""Corrections in the browser: from the form to the version that has them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from clustering.core.paths import Paths
from clustering.dashboard.approval import ALLOWED
from clustering.store.runs import PublishedRun, current_run
from tests.conftest import copy_code, copy_data
from tests.dashboard.browser import SECRET, Visitor, give_token, serve
from tests.dashboard.conftest import visit
from tests.dashboard.test_states import said, show

MOVES = "store_id,category,action,cluster_id,reason,author,expires_on"
# A build, on a machine that does more.
PATIENCE = 600_000


@dataclass
class Project:
    """A copy of the project and of what it published, to be corrected."""

    folder: Path
    data: Path
    visitor: Visitor

    @property
    def run(self) -> PublishedRun:
        return current_run(Paths(self.data).published)

    @property
    def category(self) -> str:
        """The first category."""
        return self.run.read("select min(category) from cluster_summary").iloc[0, 0]

    def rows(self, seed: str) -> list[dict[str, str]]:
        """Return the rows of a seed."""
        file = self.folder / "dbt_project" / "seeds" / f"{seed}.csv"
        with file.open(newline="") as lines:
            return list(csv.DictReader(lines))

    def cluster(self, store: str) -> tuple[int, str]:
        """Return the cluster of a store, and how it was assigned."""
        found = self.run.read(
            "select cluster_id, assignment_method from store_clusters"
            " where store_id = ? and category = ?",
            [store, self.category],
        )
        return tuple(found.iloc[0])

    def log_in(self) -> None:
        """Give the token, where it is asked for."""
        if self.visitor.page.get_by_label("Token", exact=True).count():
            give_token(self.visitor)

    def fill_in(self, reason: str) -> None:
        """Give name and reason, and save."""
        self.log_in()
        page = self.visitor.page
        for label, text in (("Your name", "Kim"), ("Reason", reason)):
            page.get_by_label(label, exact=True).first.fill(text)
            page.keyboard.press("Tab")
            self.visitor.settle()
        self.press("Save the correction")

    def press(self, button: str) -> None:
        """Press a button, and wait for the page."""
        self.visitor.page.get_by_role("button", name=button).click()
        self.visitor.settle()

    def unfold(self, title: str) -> None:
        """Open a form."""
        self.visitor.page.get_by_text(title, exact=True).click()
        self.visitor.settle()

    def upload(self, text: str) -> None:
        """Give a file of rows on the page Corrections."""
        self.visitor.open("corrections")
        self.log_in()
        file = {"name": "rows.csv", "mimeType": "text/csv", "buffer": text.encode()}
        self.visitor.page.locator("input[type=file]").set_input_files(file)
        self.visitor.page.get_by_text("rows.csv").wait_for()
        self.visitor.settle()

    def build(self) -> None:
        """Start the run on the page Corrections, and wait for its end."""
        before = self.run
        self.visitor.go("Corrections")
        self.log_in()
        start = self.visitor.page.get_by_role("button", name="Start the run")
        start.click()
        start.wait_for(state="hidden", timeout=PATIENCE)
        assert "A run is under way" in self.visitor.text
        self.visitor.show("corrections_run")
        start.wait_for(timeout=PATIENCE)
        self.visitor.settle()
        assert self.run != before


@pytest.fixture(
    scope="module", params=["small", pytest.param("iowa", marks=pytest.mark.long)]
)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Path, str]]:
    """Serve a copy of the project, with the settings of the run that it has."""
    folder = copy_code(tmp_path_factory.mktemp("corrected"))
    if request.param == "small":
        built = request.getfixturevalue("small_data").data
        with (folder / "configs" / "dev.yml").open("a") as file:
            file.write("\nvars: {bootstrap_resamples: 5}\n")
    else:
        built = request.getfixturevalue("iowa_published").parent
    data = copy_data(built, tmp_path_factory.mktemp("corrected_data"))
    with serve(data, CLUSTERING_PROJECT=str(folder), DASHBOARD_TOKEN=SECRET) as url:
        yield folder, data, url


@pytest.fixture
def project(served: tuple[Path, Path, str], browser: Browser) -> Iterator[Project]:
    folder, data, url = served
    for visitor in visit(url, browser):
        yield Project(folder, data, visitor)


def test_a_store_that_is_moved_in_the_form_is_moved_in_the_next_version(project):
    store, here, there = project.run.read(
        "select store_id, cluster_id, next_best_cluster from store_clusters"
        " where category = ? and assignment_method = 'fitted' limit 1",
        [project.category],
    ).iloc[0]
    project.visitor.open(f"store?store={store}")
    project.unfold("Correct this store")
    text = project.visitor.text
    assert "the next best" in text or f"{there} ·" in text
    assert "Stores most like it, the nearest first" in text
    effect = project.visitor.table(1).set_index("Cluster")
    before, after = effect.columns.get_loc("Stores"), effect.columns.get_loc("then")
    after = after if isinstance(after, int) else list(after).index(True)
    change = effect.iloc[:, after].astype(int) - effect.iloc[:, before].astype(int)
    assert change.to_dict() == {str(here): -1, str(there): 1}
    project.visitor.show("store_form")
    project.fill_in("same manager")
    assert "Saved in seeds/store_corrections.csv" in project.visitor.text
    [row] = project.rows("store_corrections")
    assert (row["store_id"], row["cluster_id"]) == (store, str(there))
    assert (row["author"], row["reason"]) == ("Kim", "same manager")
    project.build()
    assert project.cluster(store) == (there, "override")
    assert project.visitor.metric("Applied") == "1"
    project.visitor.show("corrections")


def test_a_cluster_is_renamed_and_that_is_undone(project):
    project.visitor.open(f"clusters?category={project.category}&cluster=1")
    project.unfold("Correct this cluster")
    page = project.visitor.page
    page.get_by_label("New name").fill("City espresso")
    page.keyboard.press("Tab")
    project.visitor.settle()
    project.fill_in("as planners call it")
    [row] = project.rows("cluster_corrections")
    assert (row["action"], row["value"]) == ("name", "City espresso")
    project.press("Undo")
    assert "Undone" in project.visitor.text
    assert project.rows("cluster_corrections") == []


def test_an_invalid_correction_is_one_line_and_nothing_is_saved(project):
    project.visitor.open(f"clusters?category={project.category}&cluster=1")
    project.unfold("Correct this cluster")
    project.log_in()
    project.press("Save the correction")
    assert "author is missing; say who" in project.visitor.text
    assert project.rows("cluster_corrections") == []


def test_rows_of_a_file_are_previewed_saved_and_undone(project):
    before = project.rows("store_corrections")
    stores = project.run.read(
        "select store_id, cluster_id, next_best_cluster from store_clusters"
        " where category = ? and next_best_cluster is not null"
        " and not list_contains(?, store_id) limit 2",
        [project.category, [row["store_id"] for row in before]],
    )
    moves = "".join(
        f"{store},{project.category},move,{there},opens late,Kim,\n"
        for store, _, there in stores.itertuples(index=False)
    )
    unknown = f"none,{project.category},move,1,opens late,Kim,\n"
    project.upload(f"{MOVES}\n{moves}{unknown}")
    assert "not in this category of the run: none" in project.visitor.text
    assert "What it would do" in project.visitor.text
    assert project.rows("store_corrections") == before
    project.visitor.show("corrections_file")
    project.press("Save 3 rows")
    assert len(project.rows("store_corrections")) == len(before) + 3
    project.press("Undo")
    assert project.rows("store_corrections") == before


def test_problems_of_a_file_are_named_by_line_and_it_is_not_saved(project):
    row = f"7,{project.category},move,1,opens late,"
    project.upload(f"{MOVES}\n{row}Kim,\n{row},\n{row},soon\n")
    text = project.visitor.text
    assert "Line 3: author is missing" in text
    assert "Line 4: expires_on 'soon' is no date" in text
    page = project.visitor.page
    assert page.get_by_role("button", name="Save 3 rows").count() == 0
    project.upload("store_id,colour\n7,red\n")
    assert "got column colour, expected: store_id" in project.visitor.text


def test_without_the_token_there_is_nothing_to_save(project):
    project.visitor.open(f"clusters?category={project.category}&cluster=1")
    project.unfold("Correct this cluster")
    page = project.visitor.page
    assert page.get_by_label("Token", exact=True).count() == 1
    assert page.get_by_role("button", name="Save the correction").count() == 0
    project.visitor.go("Corrections")
    assert page.get_by_role("button", name="Start the run").count() == 0


@pytest.mark.parametrize("title", ["Store", "Clusters", "Corrections"])
def test_where_it_may_not_be_corrected_the_command_is_shown(
    small_data, monkeypatch, title
):
    monkeypatch.setenv(ALLOWED, "off")
    monkeypatch.setenv("DATA_DIR", str(small_data.data))
    shown = show(title, small_data.published)
    assert "Correcting is turned off in this dashboard" in said(shown)
    assert any("clustering run" in block.value for block in shown.code)
    assert not [one for one in shown.button if one.label.startswith("Save")]
