"""Choice of k: every candidate, its scores, and why one was chosen."""

import pandas as pd
import pytest

from clustering.presentation.charts.k_choice import STATES, scores
from clustering.queries import k_choice
from tests.dashboard.runs import values, write_run

CANDIDATES = pd.DataFrame(
    {
        "category": "GIN",
        "side": "internal",
        "k": [1, 2, 3, 4],
        "is_chosen": [False, False, False, True],
        "is_recommended": [False, True, False, False],
        "is_fixed": [False, False, False, True],
        "combined_score": [None, 0.9, 0.4, None],
        "silhouette": [None, 0.3, 0.2, 0.1],
        "reference_silhouette": [None, 0.2, 0.1, 0.1],
        "stability": [None, 0.9, 0.7, 0.5],
        "calinski_harabasz": [None, 30.0, 20.0, 10.0],
        "davies_bouldin": [None, 1.0, 1.5, 2.0],
        "smallest_cluster": [40, 20, 12, 3],
        "meets_size_floor": [True, True, True, False],
        "fitted_stores": 40,
        "reason": ["another k is stable", "recommended", "lower", "fixed by a user"],
    }
)


@pytest.fixture
def small(tmp_path):
    return write_run(tmp_path / "run", k_selection=CANDIDATES)


def test_a_fixed_k_is_chosen_and_the_recommended_one_beside_it(small):
    candidates = k_choice.candidates(small, "GIN", "internal")
    assert candidates["k"].tolist() == [1, 2, 3, 4]
    assert candidates["state"].tolist() == [
        "ruled out",
        "recommended",
        "possible",
        "chosen",
    ]
    chosen = k_choice.chosen(small)
    assert chosen[["k", "recommended_k", "candidate_count"]].to_numpy().tolist() == [
        [4, 2, 4]
    ]
    assert chosen["is_fixed"].tolist() == [True]
    assert chosen["reason"].tolist() == ["fixed by a user"]


def test_every_category_and_side_of_real_clusters_has_its_candidates(run):
    chosen = k_choice.chosen(run).set_index(["category", "side"])
    there = run.read("select * from k_selection")
    assert len(chosen) == len(there[["category", "side"]].drop_duplicates())
    for key, rows in there.groupby(["category", "side"]):
        candidates = k_choice.candidates(run, *key)
        assert candidates["k"].tolist() == sorted(rows["k"])
        (k,) = candidates.loc[candidates["state"] == "chosen", "k"]
        assert k == chosen.loc[key, "k"] == rows.loc[rows["is_chosen"], "k"].iloc[0]


def test_chart_draws_what_has_the_score_in_the_colour_of_its_state(small):
    candidates = k_choice.candidates(small, "GIN", "internal")
    chart = scores(candidates, "stability", threshold=0.6)
    spec = chart.to_dict()
    bars, line = spec["layer"]
    assert values(chart)["k"].tolist() == [2, 3, 4]
    assert bars["encoding"]["x"]["scale"]["domain"] == [1, 2, 3, 4]
    assert bars["encoding"]["color"]["scale"] == {
        "domain": list(STATES),
        "range": list(STATES.values()),
    }
    assert line["mark"]["type"] == "rule"
    assert values(chart, 1)["threshold"].tolist() == [0.6]


def test_page_shows_the_candidates_of_the_side_that_is_chosen(visitor, run):
    visitor.open("k")
    visitor.choose("Category", "RUM")
    for side, name in k_choice.SIDES.items():
        visitor.choose("Side", name)
        rows = k_choice.candidates(run, "RUM", side)
        chosen = rows[rows["state"] == "chosen"].iloc[0]
        assert visitor.metric("Clusters (k)") == f"{chosen['k']}"
        assert visitor.metric("Silhouette") == f"{chosen['silhouette']:.2f}"
        assert visitor.metric("Stability") == f"{chosen['stability']:.2f}"
        assert visitor.metric("Candidates") == f"{len(rows)}"
        assert f"k = {chosen['k']}: {chosen['reason']}" in visitor.text
        shown = visitor.table(1)
        assert shown["k"].astype(int).tolist() == rows["k"].tolist()
        assert shown["State"].tolist() == rows["state"].tolist()
        assert shown["Reason"].tolist() == rows["reason"].tolist()
    visitor.show("k")


def test_page_shows_what_every_number_of_final_clusters_is_worth(visitor, run):
    for category in ("RUM", "GIN"):
        visitor.open(f"k?category={category}")
        numbers = k_choice.numbers(run, category)
        chosen = numbers[numbers["state"] == "chosen"].iloc[0]
        assert (
            f"{chosen['clusters']} final clusters: {chosen['reason']}" in visitor.text
        )
        assert "average store's demand" in visitor.text
        shown = visitor.table(0)
        assert shown["Clusters"].astype(int).tolist() == numbers["clusters"].tolist()
        assert shown["State"].tolist() == numbers["state"].tolist()
    visitor.show("final_clusters")


def test_one_number_of_final_clusters_is_in_use_in_every_category(run):
    for category in run.read("from cluster_quality")["category"]:
        numbers = k_choice.numbers(run, category)
        assert numbers["clusters"].tolist() == list(range(1, len(numbers) + 1))
        in_use = numbers[numbers["state"] == "chosen"]
        stores = run.read(
            "select count(distinct cluster_id) as clusters from store_clusters"
            " where category = ?",
            [category],
        )
        assert in_use["clusters"].tolist() == stores["clusters"].tolist()


def test_bars_are_the_scores_and_the_chosen_one_stands_out(visitor, run):
    visitor.open("k?category=RUM&side=internal")
    rows = k_choice.candidates(run, "RUM", "internal").set_index("k")
    for chart, score in enumerate(("combined_score", "silhouette", "stability")):
        title = score.replace("_", " ").capitalize()
        bars = {
            int(one["k"]): one for one in visitor.marks(chart + 1) if "State" in one
        }
        known = rows[score].dropna()
        assert sorted(bars) == known.index.tolist()
        for k, bar in bars.items():
            assert bar[title] == f"{known[k]:.3f}"
            assert bar["fill"] == STATES[rows["state"][k]]
