"""Scenarios: two runs side by side."""

import itertools

import pandas as pd
import pytest
from playwright.sync_api import Page
from sklearn.metrics import adjusted_rand_score

from clustering.presentation import style
from clustering.presentation.charts.comparison import agreement, pairs, sales
from clustering.queries import comparison
from clustering.store.publish import approve, publish
from clustering.store.runs import current_run
from tests.dashboard.runs import values, write_run
from tests.dashboard.test_states import show
from tests.store.builds import build_again

# One that both runs have, and one that the later run leaves out.
CATEGORY, LEFT_OUT = "COFFEE", "SHAMPOO"


def test_settings_that_differ_are_shown_with_both_values(tmp_path):
    run, other = (
        write_run(tmp_path / name, run_settings=pd.DataFrame(rows))
        for name, rows in {
            "run": {"name": ["k", "seed", "new"], "value": ["6", "42", "on"]},
            "other": {"name": ["k", "seed", "old"], "value": ["10", "42", "off"]},
        }.items()
    )
    settings = comparison.settings(run, other).fillna("-")
    assert settings.to_numpy().tolist() == [
        ["k", "6", "10"],
        ["new", "on", "-"],
        ["old", "-", "off"],
    ]


def test_agreement_is_that_of_the_stores_of_both_runs(two_runs):
    run, other = two_runs
    clusters = "select store_id, category, cluster_id from store_clusters"
    shared = run.read(clusters).merge(
        other.read(clusters), on=["store_id", "category"], suffixes=("", "_other")
    )
    found = comparison.agreement(run, other)
    assert set(found.index) == set(shared["category"])
    for category, rows in shared.groupby("category"):
        wanted = adjusted_rand_score(rows["cluster_id"], rows["cluster_id_other"])
        assert found[category] == pytest.approx(wanted)
    same = comparison.agreement(run, run)
    assert (same == 1).all()


@pytest.mark.parametrize(
    ("labels", "others"),
    [
        ("1111", "1111"),
        ("1234", "1234"),
        ("1111", "1234"),
        ("1122", "1111"),
        ("1122", "1212"),
        ("1123", "1122"),
        ("1", "2"),
    ],
)
def test_agreement_is_the_adjusted_rand_index(tmp_path, labels, others):
    run, other = (
        write_run(
            tmp_path / name,
            store_clusters=pd.DataFrame(
                {
                    "store_id": list("abcd")[: len(one)],
                    "category": "GIN",
                    "cluster_id": [int(label) for label in one],
                }
            ),
        )
        for name, one in {"run": labels, "other": others}.items()
    )
    wanted = adjusted_rand_score(list(labels), list(others))
    assert comparison.agreement(run, other)["GIN"] == pytest.approx(wanted)


def test_a_category_of_one_run_alone_is_there_without_the_other(two_runs):
    quality = comparison.quality(*two_runs).set_index("category")
    assert pd.isna(quality.loc[LEFT_OUT, "cluster_count"])
    assert quality.loc[LEFT_OUT, "other_cluster_count"] > 0
    assert pd.isna(quality.loc[LEFT_OUT, "agreement"])


def test_sales_add_up_to_all(small_run):
    frame = comparison.sales(small_run, CATEGORY)
    assert frame["sales_share"].is_monotonic_decreasing
    assert frame["cumulative_share"].iloc[-1] == pytest.approx(1)


def test_charts_show_what_they_are_given():
    frame = pd.DataFrame(
        {
            "category": ["GIN", "RUM"],
            "silhouette": [0.2, 0.3],
            "other_silhouette": [0.1, None],
            "agreement": [0.9, None],
        }
    )
    chart = pairs(frame, "silhouette", title="Silhouette", format=".2f", step=0.01)
    points = values(chart)
    assert points["silhouette"].tolist() == [0.2, 0.3]
    assert values(agreement(frame))["category"].tolist() == ["GIN"]


def test_sales_are_in_the_colours_of_the_clusters():
    frame = pd.DataFrame(
        {
            "cluster_id": [3, 1],
            "cluster_name": ["c", "a"],
            "store_count": [5, 5],
            "sales": [60.0, 40.0],
            "sales_share": [0.6, 0.4],
            "cumulative_share": [0.6, 1.0],
        }
    )
    chart = sales(frame).to_dict()
    bars = chart["layer"][0]["encoding"]
    assert bars["y"]["sort"] == [3, 1]
    assert set(chart["height"]) == {"step"}
    assert bars["color"]["scale"]["range"] == [style.colour(1), style.colour(3)]


def test_ticks_of_axes_differ_as_they_are_written():
    near = pd.DataFrame({"category": ["GIN"], "k": [0.3201], "other_k": [0.3218]})
    chart = pairs(near, "k", title="", format=".2f", step=0.01).to_dict()
    ticks = chart["layer"][0]["encoding"]["x"]["axis"]["values"]
    assert ticks == [0.31, 0.32, 0.33]


@pytest.mark.parametrize("largest", [0.02, 0.36, 1.0])
def test_no_axis_of_shares_goes_beyond_all(largest):
    frame = pd.DataFrame({"cluster_id": [1], "cluster_name": "a", "store_count": 5})
    frame = frame.assign(sales=1.0, sales_share=largest, cumulative_share=1.0)
    ticks = sales(frame).to_dict()["layer"][0]["encoding"]["x"]["axis"]["values"]
    assert len(ticks) > 2
    assert ticks[-1] <= largest


def test_one_run_alone_says_how_to_make_another(visitor):
    visitor.open("scenarios")
    assert "Only one run is kept" in visitor.text
    assert "clustering run --param max_clusters=6" in visitor.text


def test_page_shows_two_runs_side_by_side(two_runs_visitor, two_runs):
    visitor, (run, other) = two_runs_visitor, two_runs
    visitor.open("scenarios")
    visitor.choose("Category", CATEGORY)
    quality = comparison.quality(run, other)
    both = quality.dropna(subset=["cluster_count", "other_cluster_count"])
    assert 0 < len(both) < len(quality)
    assert visitor.metric("Clusters") == f"{both['cluster_count'].sum():.0f}"
    assert visitor.metric("Mean silhouette") == f"{both['silhouette'].mean():.3f}"
    assert visitor.metric("Agreement") == f"{both['agreement'].mean():.2f}"
    assert f"over {len(both)} categories of both" in visitor.text
    settings = visitor.table().set_index("Setting")
    assert tuple(settings.loc["max_clusters"]) == ("4", "10")
    shown = visitor.table(1).set_index("Category")
    row = quality.set_index("category").loc[CATEGORY]
    assert int(shown.loc[CATEGORY, "Clusters"]) == row["cluster_count"]
    assert float(shown.loc[CATEGORY, "Agreement"]) == pytest.approx(
        row["agreement"], abs=0.005
    )
    visitor.show("scenarios")


def test_page_draws_the_sales_of_both_runs(two_runs_visitor, two_runs):
    visitor = two_runs_visitor
    visitor.open(f"scenarios?category={CATEGORY}")
    for chart, one in enumerate(two_runs, start=3):
        there = comparison.sales(one, CATEGORY).set_index("cluster_id")
        bars = {int(bar["Cluster"]): bar for bar in visitor.marks(chart)}
        assert set(bars) == set(there.index)
        assert_apart(visitor.page, chart)
        for cluster_id, bar in bars.items():
            assert bar["fill"] == style.colour(cluster_id)
            assert bar["Sales"] == f"{there.loc[cluster_id, 'sales']:,.0f}"


def assert_apart(page: Page, chart: int) -> None:
    """No bar of a chart covers another."""
    bars = page.locator("svg.marks").nth(chart).locator(".mark-rect path").all()
    boxes = sorted((bar.bounding_box() for bar in bars), key=lambda box: box["y"])
    assert all(
        above["y"] + above["height"] <= below["y"]
        for above, below in itertools.pairwise(boxes)
    )


@pytest.fixture
def scenario(paths):
    """Publish a scenario beside the live version."""
    build_again(paths, "b" * 32, days=1)
    return publish(paths.warehouse, paths.published, scenario="larger")


def test_page_names_a_scenario_and_the_command_to_approve_it(paths, scenario):
    shown = show("Scenarios", paths.published)
    boxes = {box.label: box for box in shown.sidebar.selectbox}
    assert boxes["Run"].value == "latest"
    assert boxes["Compare with"].value == scenario.name
    [label] = boxes["Compare with"].options
    assert label == f"Version 2, scenario larger · {short(scenario)}"
    assert "`clustering approve larger --reason 'WHY'`" in shown.markdown[0].value


def test_a_scenario_that_waits_is_counted_among_what_awaits_a_decision(paths, scenario):
    shown = show("Versions", paths.published)
    [tile] = [one for one in shown.metric if one.label == "Awaiting a decision"]
    assert (tile.value, tile.delta) == ("1 scenario", "no version")


def test_page_of_a_live_scenario_names_no_command(paths, scenario):
    approve(scenario.name, paths.published, by="anna")
    shown = show("Scenarios", paths.published)
    [box] = [box for box in shown.sidebar.selectbox if box.label == "Run"]
    assert box.options[0] == f"Version 2, approved · {short(scenario)}"
    assert "clustering approve" not in " ".join(one.value for one in shown.markdown)


def test_other_runs_are_compared_with_the_live_version(paths, scenario):
    served = current_run(paths.published)
    build_again(paths, "c" * 32, days=1)
    waiting = publish(paths.warehouse, paths.published, automatic=False)
    for title in ("Scenarios", "Migrations"):
        shown = show(title, paths.published, run=waiting.name)
        boxes = {box.label: box for box in shown.sidebar.selectbox}
        assert boxes["Compare with"].value == served.name


def short(run) -> str:
    return f"{run.built_at:%d %b}"
