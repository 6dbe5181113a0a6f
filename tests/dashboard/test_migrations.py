"""Migrations: where the stores of one run are in another."""

import re

import pandas as pd
import pytest

from clustering.presentation import style
from clustering.presentation.charts.comparison import alluvial, matrix
from clustering.queries import clusters, comparison
from tests.dashboard.runs import values, write_run

# One that both runs have, and one that the later run leaves out.
CATEGORY, LEFT_OUT = "COFFEE", "SHAMPOO"


def store_clusters(category: str, **clusters: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "store_id": list(clusters),
            "category": category,
            "cluster_id": pd.array(list(clusters.values()), dtype="int32"),
            "cluster_name": [f"name {one}" for one in clusters.values()],
        }
    )


@pytest.fixture
def small(tmp_path):
    """Store a stays, b and c move, d leaves, e joins; and so does all RUM."""
    before = store_clusters("GIN", a=1, b=1, c=1, d=2)
    now = pd.concat(
        [store_clusters("GIN", a=1, b=2, c=2, e=3), store_clusters("RUM", a=1)]
    )
    return (
        write_run(tmp_path / "now", store_clusters=now),
        write_run(tmp_path / "before", store_clusters=before),
    )


def test_retention_is_what_stayed_of_what_both_runs_have(small):
    assert comparison.retention(*small).to_dict("records") == [
        {
            "category": "GIN",
            "shared": 3,
            "stayed": 1,
            "moved": 2,
            "joined": 1,
            "left": 1,
            "retention": pytest.approx(1 / 3),
        },
        {
            "category": "RUM",
            "shared": 0,
            "stayed": 0,
            "moved": 0,
            "joined": 1,
            "left": 0,
            "retention": pytest.approx(float("nan"), nan_ok=True),
        },
    ]


def test_flows_are_stores_from_cluster_to_cluster(small):
    flows = comparison.flows(*small, "GIN")
    ends = ["previous_cluster_id", "cluster_id", "store_count"]
    assert flows[ends].to_numpy().tolist() == [
        [0, 3, 1],
        [1, 1, 1],
        [1, 2, 2],
        [2, 0, 1],
    ]
    assert flows["share"].tolist() == pytest.approx([1, 1 / 3, 2 / 3, 1])
    assert flows["previous_cluster_name"][0] == "not there"


def test_stores_that_stayed_did_not_move(small):
    moved = comparison.moved(*small, "GIN").set_index("store_id")["movement"]
    assert moved.to_dict() == {"e": "joined", "d": "left", "b": "moved", "c": "moved"}


def test_bands_are_as_wide_as_stores_are_many_at_both_ends(small):
    flows = comparison.flows(*small, "GIN")
    bands = values(alluvial(flows))
    width = bands["to"] - bands["from"]
    assert width.to_numpy() == pytest.approx(bands["store_count"] / 5)
    for end in (bands["x"].min(), bands["x"].max()):
        edges = bands[bands["x"] == end].sort_values("from")
        assert (edges["from"].iloc[1:].to_numpy() >= edges["to"].iloc[:-1] - 1e-9).all()


def test_clusters_have_their_colours_and_what_is_not_there_is_grey(small):
    chart = alluvial(comparison.flows(*small, "GIN")).to_dict()
    scale = chart["layer"][1]["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        0: style.GREY,
        **{one: style.colour(one) for one in (1, 2, 3)},
    }


def test_matrix_has_what_is_not_there_last(small):
    chart = matrix(comparison.flows(*small, "GIN")).to_dict()
    cells = chart["layer"][0]["encoding"]
    assert cells["y"]["sort"] == ["1", "2", "not there"]
    assert cells["x"]["sort"] == ["1", "2", "3", "not there"]


def test_one_run_alone_says_so(visitor):
    visitor.open("migrations")
    assert "Only one run is kept" in visitor.text
    assert "clustering run --param max_clusters=6" in visitor.text


def test_page_shows_what_the_latest_run_moved(two_runs_visitor, two_runs):
    visitor, (run, before) = two_runs_visitor, two_runs
    visitor.open("migrations")
    visitor.choose("Category", CATEGORY)
    here, there = (
        one.read(
            "select store_id, cluster_id from store_clusters where category = ?",
            [CATEGORY],
        ).set_index("store_id")["cluster_id"]
        for one in (run, before)
    )
    places = pd.concat([there, here], axis=1, keys=["before", "now"])
    shared = places.dropna()
    stayed = (shared["before"] == shared["now"]).sum()
    assert 0 < stayed < len(shared)
    assert visitor.metric("Stores of both runs") == f"{len(shared):,}"
    assert visitor.metric("Moved") == f"{len(shared) - stayed:,}"
    share = f"{stayed / len(shared):.0%}".replace("%", " %")
    assert visitor.metric("Kept their cluster") == share
    cells = {
        (one["Cluster before"], one["Cluster now"]): one["Stores"]
        for one in visitor.marks(1)
    }
    named = places.map(lambda one: "not there" if pd.isna(one) else f"{one:.0f}")
    assert cells == {
        ends: f"{stores:,}" for ends, stores in named.value_counts().items()
    }
    visitor.show("migrations")


def test_page_compares_as_time_goes_whichever_run_is_chosen(two_runs_visitor, two_runs):
    visitor, (run, before) = two_runs_visitor, two_runs
    visitor.open(f"migrations?run={before.name}&category={CATEGORY}")
    assert re.search(r"Version 1, .* to Version 2, ", visitor.text)
    forth = comparison.retention(run, before).set_index("category")
    assert visitor.metric("Moved") == f"{forth.loc[CATEGORY, 'moved']:,}"
    retention = visitor.table(1).set_index("Category")
    assert int(retention.loc[LEFT_OUT, "Left"]) == forth.loc[LEFT_OUT, "left"]
    for names in (clusters.names(end, CATEGORY) for end in (before, run)):
        assert all(name in visitor.text for name in names.values())
