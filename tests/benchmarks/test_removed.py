"""Agreement of final clusters where a few stores are not there."""

from types import SimpleNamespace

import pandas as pd

from benchmarks.agreement import KEY
from benchmarks.removed import removal_rows, removed_section


def run_of(clusters: list[int], *, first_store: int = 1) -> SimpleNamespace:
    """Return what is read of a run; store by store, its final cluster."""
    frame = pd.DataFrame({"category": "GIN", "cluster_id": clusters})
    frame["store_id"] = [str(first_store + number) for number in range(len(clusters))]
    summary = frame.groupby(["category", "cluster_id"]).size().rename("store_count")
    labels = frame.set_index(KEY)["cluster_id"]
    return SimpleNamespace(
        labels=lambda column: labels,
        summary=summary.reset_index().assign(jaccard=0.9),
    )


def test_the_stores_left_are_compared_draw_by_draw() -> None:
    every = run_of([1, 1, 2, 2, 3, 3])
    same = run_of([7, 5, 5, 4, 4], first_store=2)
    lost = run_of([1, 1, 1, 1, 1], first_store=2)
    (row,) = removal_rows("sample", every, [same, lost])
    assert row["number then"] == "3 1"
    assert (row["clusters"], row["largest"], row["firm"]) == (3, 1 / 3, 1.0)
    assert (row["agreement"], row["worst"]) == (0.5, 0.0)


def test_the_table_ends_with_the_mean_and_the_worst_of_each_input() -> None:
    every = run_of([1, 1, 2, 2])
    rows = removal_rows("a", every, [every]) + removal_rows("b", every, [every])
    section = removed_section(rows)
    table = section.table
    assert table["category"].tolist() == ["GIN", "all", "GIN", "all"]
    assert table["agreement"].tolist() == [1.0] * 4
    assert (
        "| a | GIN | 2 | 0.500 | 1.000 | 2 | 1.000 | 1.000 |" in section.as_markdown()
    )
