"""Overview, Clusters, Map and Store: figures shown are those of the published run."""

import re

import openpyxl

from clustering.presentation.style import colour

CATEGORY, CLUSTER = "RUM", 3
# Where a canvas first has a spot of some colour: borders are grey.
FIRST_POINT = """
canvas => {
    const {width, height} = canvas;
    const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
    const isColoured = at =>
        Math.max(...data.slice(at, at + 3)) - Math.min(...data.slice(at, at + 3)) > 60;
    for (let at = 0; at < data.length; at += 4)
        if (isColoured(at) && isColoured(at + 8 * width)) {
            const scale = width / canvas.clientWidth;
            const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width) + 1];
            return [x / scale, y / scale];
        }
}
"""


def test_overview_shows_the_figures_of_the_run(visitor, run):
    visitor.open()
    totals = run.read(
        """
        select
            (select count(distinct store_id) from store_clusters) as stores,
            count(distinct category) as categories,
            count(*) as clusters,
            cast(sum(sales) as double) / 1e6 as millions,
            (select sum(rows_quarantined) from input_reconciliation) as rows
        from cluster_summary
        """
    ).iloc[0]
    assert visitor.metric("Stores") == f"{totals['stores']:,.0f}"
    assert visitor.metric("Categories") == f"{totals['categories']:,.0f}"
    assert visitor.metric("Clusters") == f"{totals['clusters']:,.0f}"
    assert visitor.metric("Sales") == f"{totals['millions']:,.1f} M"
    assert visitor.metric("Rows quarantined") == f"{totals['rows']:,.0f}"
    assert run.run_id[:12] in visitor.text
    visitor.show("overview")


def test_overview_lists_the_categories_with_their_clusters(visitor, run):
    visitor.open()
    shown = visitor.table(1).set_index("Category")
    there = run.read("select * from cluster_quality").set_index("category")
    assert list(shown.index) == sorted(there.index)
    for category, row in there.iterrows():
        assert int(shown.loc[category, "Stores"]) == row["store_count"]
        assert int(shown.loc[category, "Clusters"]) == row["cluster_count"]
        assert float(shown.loc[category, "Silhouette"]) == round(row["silhouette"], 2)
        assert row["verdict"].startswith(shown.loc[category, "Verdict"])


def test_overview_draws_the_sizes_in_the_colours_of_the_clusters(visitor, run):
    visitor.open()
    drawn = {(one["category"], int(one["cluster_id"])): one for one in visitor.marks()}
    there = run.read("select * from cluster_summary")
    assert len(drawn) == len(there)
    for row in there.itertuples():
        bar = drawn[row.category, row.cluster_id]
        assert bar["Stores"] == f"{row.store_count:,}"
        assert bar["fill"] == colour(row.cluster_id)


def test_row_of_the_overview_leads_to_its_clusters(visitor):
    visitor.open()
    category = visitor.table(1)["Category"][2]
    visitor.tick_row(2, place=1)
    visitor.page.locator("h1", has_text="Clusters").wait_for()
    visitor.settle()
    assert visitor.chosen["category"] == category


def test_clusters_shows_the_cluster_that_is_chosen(visitor, run):
    visitor.open("clusters")
    visitor.choose("Category", CATEGORY)
    visitor.choose("Cluster", f"{CLUSTER} ")
    row = run.read(
        "select * from cluster_summary where category = ? and cluster_id = ?",
        [CATEGORY, CLUSTER],
    ).iloc[0]
    assert f"{CLUSTER} · {row['cluster_name']}" in visitor.text
    assert visitor.metric("Stores") == f"{row['store_count']:,}"
    assert visitor.metric("Of all stores") == f"{row['store_share']:.0%}".replace(
        "%", " %"
    )
    assert visitor.metric("Silhouette") == f"{row['silhouette']:.2f}"
    assert visitor.metric("Stability") == f"{row['jaccard']:.2f}"
    assert f"Nearest: cluster {row['nearest_cluster']}," in visitor.text
    visitor.show("clusters")


def test_clusters_draws_index_values_and_heads_in_the_clusters_colours(visitor, run):
    visitor.open(f"clusters?category={CATEGORY}&cluster={CLUSTER}")
    there = run.read(
        "select cluster_id, label, index_value from cluster_profiles"
        " where category = ?",
        [CATEGORY],
    ).set_index(["cluster_id", "label"])["index_value"]
    cells = visitor.marks(chart=2)
    index = "Index, 100 is average"
    figures = [one for one in cells if index in one]
    for one in figures:
        value = there[int(one["Cluster"]), one["Feature"]]
        # The browser rounds 188.5 up, Python down.
        assert abs(int(one[index].replace(",", "")) - value) <= 0.5
    assert len(figures) == 20 * there.index.get_level_values(0).nunique()
    heads = [one for one in cells if index not in one and "Name" in one]
    assert {int(one["Cluster"]): one["fill"] for one in heads} == {
        cluster_id: colour(cluster_id)
        for cluster_id in there.index.get_level_values(0).unique()
    }


def test_clusters_says_in_words_what_sets_a_cluster_apart(visitor, run):
    visitor.open(f"clusters?category={CATEGORY}&cluster={CLUSTER}")
    strongest = run.read(
        "select comparison from cluster_profiles where category = ? and cluster_id = ?"
        " and comparison is not null order by abs(standard_difference) desc limit 1",
        [CATEGORY, CLUSTER],
    )["comparison"][0]
    items = visitor.page.get_by_test_id("stMain").get_by_role("listitem")
    first = items.first.inner_text()
    assert first == strongest
    assert re.search(r"average store|all stores", first)


def test_map_draws_all_stores_and_says_how_many_have_no_place(visitor, run):
    visitor.open(f"map?category={CATEGORY}")
    unknown = run.read(
        "select count(*) from store_map where category = ? and latitude is null",
        [CATEGORY],
    ).iloc[0, 0]
    assert f"{unknown:,} stores without coordinates" in visitor.text
    assert visitor.page.locator("canvas.marks").count() == 2
    visitor.show("map")
    visitor.choose("Show", f"{CLUSTER} ")
    assert visitor.chosen["highlight"] == str(CLUSTER)
    visitor.show("map_one_cluster")


def test_row_of_the_maps_table_shows_its_cluster_alone(visitor, run):
    visitor.open(f"map?category={CATEGORY}")
    visitor.tick_row(CLUSTER - 1)
    visitor.page.wait_for_url("**highlight=3*")
    visitor.settle()
    visitor.choose("Show", "All clusters")
    assert visitor.chosen["highlight"] == "all"


def test_store_that_is_clicked_on_the_map_opens(visitor, run):
    visitor.open(f"map?category={CATEGORY}&where=CITY: DES MOINES")
    there = run.read("select store_id from store_labels where label = 'DES MOINES'")
    canvas = visitor.page.locator("canvas.marks").first
    x, y = canvas.evaluate(FIRST_POINT)
    canvas.click(position={"x": x, "y": y})
    visitor.page.locator("h1", has_text="Store").wait_for()
    visitor.settle()
    assert visitor.chosen["store"] in set(there["store_id"])


def test_store_shows_its_cluster_in_each_category(visitor, run):
    visitor.open("store")
    visitor.choose("Store", "2512")
    there = run.read(
        "select * from store_clusters where store_id = '2512' order by category"
    )
    shown = visitor.table()
    assert visitor.metric("Store") == "2512"
    assert visitor.metric("Categories") == str(len(there))
    assert shown["Category"].tolist() == there["category"].tolist()
    assert shown["Cluster"].astype(int).tolist() == there["cluster_id"].tolist()
    assert shown["Name"].tolist() == there["cluster_name"].tolist()
    assert shown["Volume"].tolist() == there["volume_band"].fillna("-").tolist()
    reason = run.read(
        "select reason from store_reasons where store_id = '2512'"
        " order by category, reason_rank limit 1"
    )["reason"][0]
    reasons = visitor.table(2)  # after that of the form
    assert reasons["Reason, the strongest first"][0] == reason
    visitor.show("store")


def test_choices_are_kept_from_page_to_page_and_can_be_linked(visitor):
    visitor.open()
    visitor.go("Clusters")
    visitor.choose("Category", CATEGORY)
    visitor.choose("Cluster", f"{CLUSTER} ")
    chosen = visitor.chosen
    assert (chosen["category"], chosen["cluster"]) == (CATEGORY, str(CLUSTER))
    visitor.go("Map")
    assert visitor.chosen["category"] == CATEGORY
    visitor.go("Clusters")
    assert visitor.chosen == chosen


def test_link_to_what_is_not_there_shows_the_first(visitor, run):
    visitor.open("clusters?category=NONE&cluster=77")
    first = run.read("select min(category) from cluster_summary").iloc[0, 0]
    chosen = visitor.chosen
    assert (chosen["category"], chosen["cluster"]) == (first, "1")


def test_table_can_be_taken_away(visitor, run, tmp_path):
    visitor.open(f"clusters?category={CATEGORY}")
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Excel").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    rows = list(openpyxl.load_workbook(file).active.values)
    total = run.read(
        "select cast(sum(sales) as double) from cluster_summary where category = ?",
        [CATEGORY],
    ).iloc[0, 0]
    sales = rows[0].index("sales")
    assert round(sum(row[sales] for row in rows[1:]), 2) == round(total, 2)
