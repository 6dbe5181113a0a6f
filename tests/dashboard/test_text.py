"""Text in the data is text on every page, whatever it would be in Markdown or HTML."""

from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser

from clustering.dashboard.views import SECTIONS
from clustering.store.publish import reject
from clustering.store.runs import DATABASE, kept_runs
from tests.conftest import run_clustering
from tests.dashboard.browser import serve
from tests.dashboard.conftest import visit
from tests.dashboard.folders import publish_copy

# The first page is at the root.
PATHS = ["", *[view.path for views in SECTIONS.values() for view in views][1:]]
SITE = "http://site.example"
MARKUP = (
    f" ![a]({SITE}/a.png) [b]({SITE}) <img src={SITE}/c.png> :red[d] :material/home:"
    f" $e$ `f` **g** [red]h[/] <script>fetch('{SITE}/i')</script>"
)
# What people and their data say: names, sentences, files. Two reasons are codes.
SAID = """
    select table_name, column_name
    from duckdb_columns()
    where not internal and data_type = 'VARCHAR'
    and (table_name, column_name) not in (
        ('external_feature_catalog', 'reason'), ('quarantined_rows', 'reason')
    )
    and column_name in (
        'category', 'other_category', 'cluster_name', 'previous_cluster_name', 'label',
        'level', 'comparison', 'reason', 'verdict', 'recommendation', 'evidence',
        'store_id', 'sku_id', 'need_state', 'value_words', 'description', 'file',
        'note', 'author', 'outcome', 'code_version', 'most_shifted_feature'
    )
"""
MARKED_UP = """
    [...document.querySelectorAll(
        "img[src^=http], a[href^='http://site'], script[src*=site], .katex"
    )].map(one => one.outerHTML)
"""


@pytest.fixture(scope="module")
def data(two_runs_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish two runs whose texts are full of markup."""
    data = tmp_path_factory.mktemp("markup")
    for built in ("20981231T080000Z", "20991231T080000Z"):
        folder = publish_copy(
            two_runs_data / "published", data / "published", built=built
        )
        with duckdb.connect(str(folder / DATABASE)) as connection:
            for table, column in connection.execute(SAID).fetchall():
                connection.execute(
                    f"update {table} set {column} = {column} || ?", [MARKUP]
                )
    older = kept_runs(data / "published")[-1]
    reject(older.name, data / "published", by=f"anna{MARKUP}", reason=f"no{MARKUP}")
    return data


def test_no_text_of_the_data_becomes_markup_or_fetches(data: Path, browser: Browser):
    with serve(data) as url:
        for visitor in visit(url, browser):  # a request to elsewhere fails it
            for path in PATHS:
                visitor.open(f"{path}?version=1")
                assert visitor.page.evaluate(MARKED_UP) == [], path
                # the seeds have none; of no store given nothing is shown
                if path not in ("corrections", "new_store"):
                    assert "![a](" in visitor.page.content(), path


def test_nor_in_the_report(data: Path, tmp_path: Path, browser: Browser):
    file = tmp_path / "report.html"
    result = run_clustering("report", "--output", file, data=data)
    assert result.returncode == 0, result.stderr
    for visitor in visit(file.as_uri(), browser):
        visitor.page.goto(file.as_uri())
        assert visitor.page.evaluate(MARKED_UP) == []
        assert "![a](" in visitor.page.inner_text("body")
