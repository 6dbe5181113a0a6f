"""Pages where there is nothing, or not everything, to show: they say so in words."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from clustering.dashboard.serve import APP
from clustering.dashboard.views import SECTIONS
from tests.dashboard.folders import publish_copy

VIEWS = {view.title: view for views in SECTIONS.values() for view in views}
TODAY = "20991231T080000Z"
PATIENCE = 60


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return tmp_path


def show(title: str, published: Path, **choices: str) -> AppTest:
    """Run one page without a browser, with these choices in its address."""

    def page(title: str, folder: str) -> None:
        from pathlib import Path

        from tests.dashboard.test_states import VIEWS

        VIEWS[title].show(Path(folder))

    shown = AppTest.from_function(
        page, args=(title, str(published)), default_timeout=PATIENCE
    )
    for key, choice in choices.items():
        shown.query_params[key] = choice
    shown.run()
    assert not shown.exception
    return shown


def said(shown: AppTest) -> str:
    return " ".join(one.value for one in [*shown.info, *shown.warning])


def test_app_opens_on_an_empty_folder(data):
    shown = AppTest.from_file(APP, default_timeout=PATIENCE).run()
    assert not shown.exception
    assert "Nothing is published yet" in said(shown)
    assert "make demo" in said(shown)


@pytest.mark.parametrize("title", VIEWS)
def test_page_of_a_run_without_marts_says_what_it_lacks(
    title, sample_published, tmp_path
):
    view = VIEWS[title]
    missing = view.tables[0]
    publish_copy(
        sample_published, tmp_path, built=TODAY, change=f"drop table {missing}"
    )
    assert f"has no `{missing}`" in said(show(title, tmp_path))


@pytest.mark.parametrize("title", VIEWS)
def test_page_is_shown_where_only_what_it_needs_is_there(
    title, sample_published, tmp_path
):
    drops = "; ".join(
        f"drop table if exists {table}"
        for table in (
            *("store_reasons", "run", "run_tests", "run_settings", "input_coverage"),
            *("input_notes", "external_feature_catalog"),
        )
        if table not in VIEWS[title].tables
    )
    publish_copy(sample_published, tmp_path, built=TODAY, change=drops)
    shown = show(title, tmp_path)
    assert "Nothing is published" not in said(shown)


def test_old_clusters_are_called_old(sample_published, tmp_path):
    publish_copy(sample_published, tmp_path, built="20200101T080000Z")
    assert "These clusters were built" in said(show("Overview", tmp_path))


def test_new_clusters_are_not_called_old(sample_published, tmp_path):
    publish_copy(sample_published, tmp_path, built=TODAY)
    assert "These clusters were built" not in said(show("Overview", tmp_path))


def test_stores_without_coordinates_are_mentioned(sample_published, tmp_path):
    publish_copy(
        sample_published,
        tmp_path,
        built=TODAY,
        change="update store_map set latitude = null, longitude = null",
    )
    assert "no coordinates" in said(show("Map", tmp_path))


def test_what_is_odd_about_the_input_is_shown(sample_published, tmp_path):
    publish_copy(
        sample_published,
        tmp_path,
        built=TODAY,
        change="insert into input_notes values ('need_state', 1, 'a note');"
        " update external_feature_catalog set reason = 'identifier'"
        " where feature = 'INCOME'",
    )
    shown = show("Data quality", tmp_path)
    assert "need\\_state\\: a note" in said(shown)
    columns = next(t.value for t in shown.dataframe if "feature" in t.value)
    reasons = columns.set_index("feature")["reason"].dropna()
    assert reasons["INCOME"] == "only names something"


def test_one_run_has_no_history_and_two_have(sample_published, tmp_path):
    publish_copy(sample_published, tmp_path, built="20261101T080000Z")
    assert "Only one version has been live so far" in said(show("Store", tmp_path))
    publish_copy(sample_published, tmp_path, built=TODAY)
    assert "Only one version has been live so far" not in said(show("Store", tmp_path))


def test_earlier_run_can_be_chosen_and_is_labelled_so(sample_published, tmp_path):
    earlier = publish_copy(sample_published, tmp_path, built="20261101T080000Z")
    publish_copy(sample_published, tmp_path, built=TODAY)
    shown = show("Clusters", tmp_path)
    assert "earlier run" not in said(shown)
    [box] = [box for box in shown.sidebar.selectbox if box.label == "Run"]
    box.set_value(earlier.name).run()
    assert "This is an earlier run, of 01 Nov 2026" in said(shown)
    assert shown.query_params["run"] == earlier.name


def test_only_cluster_of_a_category_has_nothing_that_sets_it_apart(
    sample_published, tmp_path
):
    publish_copy(
        sample_published,
        tmp_path,
        built=TODAY,
        change="""
            delete from cluster_summary where cluster_id > 1;
            delete from cluster_profiles where cluster_id > 1;
            delete from store_reasons;
            update cluster_summary set nearest_cluster = null, silhouette = null,
                jaccard = null, stability_band = 'one cluster';
            update cluster_profiles set standard_difference = 0, index_value = 100
        """,
    )
    assert "Nothing sets this cluster apart" in said(show("Clusters", tmp_path))
    show("Overview", tmp_path)


@pytest.mark.parametrize(
    "change", ["drop table category_agreement", "delete from category_agreement"]
)
def test_agreement_is_left_out_of_a_run_that_has_none(
    change, sample_published, tmp_path
):
    shown = show("Overview", sample_published)
    assert "Agreement between categories" in headers(shown)
    publish_copy(sample_published, tmp_path, built=TODAY, change=change)
    shown = show("Overview", tmp_path)
    assert "Agreement between categories" not in headers(shown)


def headers(shown: AppTest) -> list[str]:
    return [one.value for one in shown.header]


def test_store_is_shown_where_a_run_has_no_volume_bands(sample_published, tmp_path):
    drop = "alter table store_clusters drop column volume_band"
    publish_copy(sample_published, tmp_path, built=TODAY, change=drop)
    assert "Clusters" in headers(show("Store", tmp_path))


def test_names_are_shown_as_text_not_as_markup(sample_published, tmp_path):
    publish_copy(
        sample_published,
        tmp_path,
        built=TODAY,
        change="update cluster_summary set cluster_name = '<b>*dry*</b> & co'",
    )
    shown = show("Clusters", tmp_path)
    assert "&lt;b&gt;*dry*&lt;/b&gt; &amp; co" in " ".join(
        one.body for one in shown.get("html")
    )
