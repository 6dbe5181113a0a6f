"""The first sheet: run, clusters, control, settings."""

import pytest


@pytest.fixture
def rows(book):
    return book.rows("Summary")


def find(rows, title):
    """Return the rows below a title, up to the next empty one."""
    start = [row[0] for row in rows].index(title)
    heads, *rest = rows[start + 1 :]
    end = next((number for number, row in enumerate(rest) if not any(row)), len(rest))
    return [dict(zip(heads, row, strict=True)) for row in rest[:end]]


def test_it_says_how_good_the_clusters_are_and_of_which_run(rows, small_run, category):
    (quality,) = small_run.read(
        "from cluster_quality where category = ?", [category]
    ).to_dict("records")
    assert rows[0][0].startswith(f"{category}: {quality['cluster_count']} cluster")
    assert rows[1][0] == quality["verdict"]
    assert small_run.run_id in rows[3][0]
    assert f"{small_run.built_at:%Y-%m-%d %H:%M} UTC" in rows[3][0]


def test_clusters_are_those_of_the_mart_and_their_sum(rows, small_run, category):
    clusters = small_run.read(
        "select cluster_id, store_count, sales, cluster_name from cluster_summary"
        " where category = ? order by 1",
        [category],
    )
    *found, total = find(rows, "Clusters")
    assert [row["Cluster"] for row in found] == clusters["cluster_id"].tolist()
    assert [row["Name"] for row in found] == clusters["cluster_name"].tolist()
    assert [row["Sales"] for row in found] == clusters["sales"].tolist()
    assert total["Stores"] == clusters["store_count"].sum()
    assert total["Sales"] == pytest.approx(clusters["sales"].sum())


def test_internal_clusters_have_all_stores_too(rows):
    everyone = find(rows, "Clusters")[-1]
    total = find(rows, "Internal clusters, by what sells")[-1]
    assert total["Stores"] == everyone["Stores"]
    assert total["Sales"] == pytest.approx(everyone["Sales"])


def test_every_grid_is_controlled_and_differs_by_nothing(rows):
    controls = find(rows, "Control: all sales are in every grid")
    assert len(controls) == 2 * 5
    total = find(rows, "Clusters")[-1]["Sales"]
    for control in controls:
        assert control["Sum of the grid"] == pytest.approx(total)
        assert control["Total of the mart"] == pytest.approx(total)
        assert control["Difference"] == 0


def test_settings_that_were_changed_are_shown(rows):
    settings = {row["Setting"]: row for row in find(rows, "Settings")}
    assert settings["bootstrap_resamples"]["Value"] == "5"
    assert settings["bootstrap_resamples"]["Default"] == "no"
    assert settings["algorithm"]["Default"] == "yes"
    assert "stability_resamples" not in settings
