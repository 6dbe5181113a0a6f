"""Recommendations: what the mart says, by cluster, area and priority."""

import pytest

from clustering.dashboard.views.recommendations import AREA_COLOURS
from clustering.queries import recommendations
from clustering.queries.recommendations import AREAS, PRIORITIES

CATEGORY = "RUM"


def test_filters_return_the_rows_of_the_mart(run):
    there = run.read("select * from cluster_recommendations where category = 'RUM'")
    everything = recommendations.recommendations(
        run, CATEGORY, areas=AREAS, priorities=list(PRIORITIES)
    )
    assert len(everything) == len(there)
    pricing = recommendations.recommendations(
        run, CATEGORY, areas=["pricing"], priorities=[2, 3]
    )
    asked = there[(there["area"] == "pricing") & there["priority"].isin([2, 3])]
    assert len(pricing) == len(asked) > 0
    assert set(pricing["area"]) == {"pricing"}
    assert recommendations.recommendations(
        run, CATEGORY, areas=[], priorities=[1]
    ).empty


def test_counts_add_up_to_all_there_are(run):
    counts = recommendations.counts(run)
    (there,) = run.read("select count(*) as n from cluster_recommendations")["n"]
    assert counts[list(AREAS)].to_numpy().sum() == there


def test_no_cluster_has_more_than_a_person_can_act_on(run):
    sizes = run.read(
        "select count(*) as n, count(distinct place) as places, max(place) as last"
        " from cluster_recommendations group by category, cluster_id"
    )
    assert sizes["n"].between(1, 8).all()
    assert (sizes["places"] == sizes["n"]).all()
    assert (sizes["last"] == sizes["n"]).all()


def test_only_reproducible_clusters_have_recommendations(run):
    areas = run.read(
        """
        select stability_band = 'unstable' as is_unstable, list(distinct area) as areas
        from cluster_recommendations
        inner join cluster_summary using (category, cluster_id)
        group by is_unstable
        """
    ).set_index("is_unstable")["areas"]
    assert "trust" not in areas[False]
    if True in areas.index:
        assert list(areas[True]) == ["trust"]


def test_every_area_has_a_colour():
    assert set(AREA_COLOURS) == set(AREAS)


@pytest.fixture
def there(run):
    return run.read(
        "select * from cluster_recommendations where category = 'RUM'"
        " order by cluster_id, place"
    )


def test_page_has_a_card_per_cluster_with_its_recommendations(visitor, there):
    visitor.open("recommendations")
    visitor.choose("Category", CATEGORY)
    text = " ".join(visitor.text.replace("\xa0", " ").split())
    for row in there.itertuples():
        assert row.recommendation in text
        assert f"{row.cluster_id} · {row.cluster_name}" in text
    shown = visitor.table()
    count = len(shown)
    assert shown["Recommendation"].tolist() == there["recommendation"][:count].tolist()
    assert shown["Cluster"].astype(int).tolist() == there["cluster_id"][:count].tolist()
    visitor.show("recommendations")


def test_page_shows_the_areas_and_priorities_that_are_asked_for(visitor, there):
    visitor.open(f"recommendations?category={CATEGORY}")
    for area in ("Assortment", "Space", "Marketing", "Trust"):
        visitor.page.get_by_role("button", name=area, exact=True).click()
    visitor.settle()
    left = there[there["area"] == "pricing"]
    shown = visitor.table()
    assert set(shown["Area"]) == {"pricing"}
    assert (
        shown["Recommendation"].tolist()
        == left["recommendation"].tolist()[: len(shown)]
    )
    visitor.page.get_by_role("button", name="Pricing", exact=True).click()
    visitor.settle()
    assert "No recommendation of this kind" in visitor.text


def test_download_has_what_is_asked_for(visitor, there):
    visitor.open(f"recommendations?category={CATEGORY}")
    with visitor.page.expect_download() as download:
        offered = visitor.page.get_by_test_id("stDownloadButton")
        offered.filter(has_text="CSV").first.click()
    text = download.value.path().read_text("utf-8-sig")
    assert len(text.splitlines()) == len(there) + 1
    assert download.value.suggested_filename == "recommendations RUM.csv"
