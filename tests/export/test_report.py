"""The report of a real run: in a browser, against what its tables say."""

import html
import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from clustering.export.report import choose_categories
from clustering.store.runs import current_run
from tests.conftest import run_clustering
from tests.dashboard.browser import PICTURES
from tests.dashboard.folders import publish_copy, publish_tables


@pytest.fixture(scope="module")
def report(iowa_published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the report of the real input."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    result = run_clustering("report", "--output", file, data=iowa_published.parent)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert f"wrote {file}" in result.stdout
    return file


def test_it_is_one_file_that_fetches_nothing_and_runs_nothing(report):
    text = re.sub(r"data:image/[^\"]+", "", report.read_text())
    assert not re.search(r"<script|https?://|src=\"(?!\")|@import|url\(", text)


def test_a_browser_shows_the_figures_that_the_tables_have(
    report, iowa_published, browser
):
    run = current_run(iowa_published)
    summary = run.read("from cluster_summary order by category, cluster_id")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(report.as_uri())
    text = page.locator("body").inner_text()
    broken = page.evaluate(
        "[...document.images].filter(one => !one.naturalWidth).length"
    )
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "report.png")
    page.locator("h2").nth(1).scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / "report_category.png", full_page=True)
    page.close()
    assert [url for url in requests if not url.startswith("data:")] == [report.as_uri()]
    assert broken == 0
    for row in summary.itertuples():
        shown = f"{row.cluster_id}\t{row.cluster_name}\t{row.store_count:,}\t"
        assert shown in text
    total = duckdb.sql("select sum(sales) from summary").fetchone()[0]
    assert f"{float(total) / 1e6:,.1f} M" in text


def test_it_is_small_enough_to_mail_and_no_wider_than_a_phone(report, browser):
    assert report.stat().st_size < 3e6
    page = browser.new_page(viewport={"width": 420, "height": 900})
    page.goto(report.as_uri())
    width = page.evaluate("document.documentElement.scrollWidth")
    page.locator("h2").nth(1).scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / "report_phone.png")
    page.close()
    assert width <= 420


def test_it_says_what_the_clusters_of_each_category_are_worth(report, iowa_published):
    worth = current_run(iowa_published).read(
        "select value.category, value_words from cluster_value as value"
        " inner join final_cluster_candidates as numbers"
        " on numbers.category = value.category and numbers.clusters = value.clusters"
        " where is_chosen"
    )
    text = html.unescape(report.read_text())
    assert len(worth) > 1
    assert all(said in text for said in worth["value_words"])


def test_only_the_categories_asked_for_are_in_it(iowa_published, tmp_path):
    file = tmp_path / "gin.html"
    arguments = ("report", "--category", "gin", "--output", file)
    result = run_clustering(*arguments, data=iowa_published.parent)
    assert result.returncode == 0, result.stderr
    headings = re.findall(r'<h2 id="category-\d+">([^<]*)', file.read_text())
    assert headings == ["GIN"]


def test_one_cluster_is_singular(iowa_published, tmp_path):
    one = "update cluster_quality set cluster_count = 1"
    publish_copy(
        iowa_published, tmp_path / "published", built="20260101T000000Z", change=one
    )
    file = tmp_path / "gin.html"
    arguments = ("report", "--category", "GIN", "--output", file)
    result = run_clustering(*arguments, data=tmp_path)
    assert result.returncode == 0, result.stderr
    assert " stores in 1 cluster, of " in file.read_text()


def test_no_category_is_left_out_for_its_capitals(tmp_path):
    quality = pd.DataFrame({"category": ["beer", "BEER", "WINE"]})
    run = publish_tables(tmp_path, cluster_quality=quality)
    assert choose_categories(run, None) == ["BEER", "WINE", "beer"]
    assert choose_categories(run, ["wine", "beer", "WINE"]) == ["WINE", "beer"]
    result = run_clustering("report", "--category", "Beer", data=tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith("Error: 'Beer' may be BEER or beer; ")


def test_an_unknown_category_names_those_there_are(iowa_published, tmp_path):
    result = run_clustering("report", "--category", "SOAP", data=iowa_published.parent)
    assert result.returncode == 2
    assert re.match(r"Error: no category 'SOAP'; there are: .*GIN", result.stderr)


def test_a_folder_gets_the_report_by_the_name_of_the_run(iowa_published, tmp_path):
    folder = tmp_path / "[x]"
    folder.mkdir()
    arguments = ("report", "--category", "gin", "--output", folder)
    result = run_clustering(*arguments, data=iowa_published.parent)
    assert result.returncode == 0, result.stderr
    name = f"{current_run(iowa_published).name}.html"
    assert [file.name for file in folder.iterdir()] == [name]
    assert f"wrote {folder / name} " in result.stdout


def test_a_file_that_cannot_be_written_is_one_line(tmp_path):
    publish_tables(tmp_path, cluster_quality=pd.DataFrame({"category": ["BEER"]}))
    (tmp_path / "file").touch()
    output = tmp_path / "file" / "below" / "report.html"
    result = run_clustering("report", "--output", output, data=tmp_path)
    assert result.returncode == 1
    assert result.stderr == f"Error: cannot write {output}: Not a directory [E100]\n"


def test_without_a_published_run_it_says_what_to_do(tmp_path):
    result = run_clustering("report", data=tmp_path)
    assert result.returncode == 1
    assert "run: clustering run" in result.stderr
