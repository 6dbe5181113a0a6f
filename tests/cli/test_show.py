"""What `clustering show` prints for unusual names."""

from pathlib import Path

import pandas as pd

from tests.conftest import run_clustering
from tests.dashboard.folders import publish_tables


def publish(data: Path, clusters: dict[str, list[str]], **tables: pd.DataFrame) -> None:
    """Publish a run of categories, each with the names of its clusters."""
    names = list(clusters)
    quality = pd.DataFrame({"category": names, "store_count": 60, "verdict": "clear"})
    quality[["verdict_code", "firm_sales_share"]] = ["stable", 1.0]
    quality["cluster_count"] = [len(clusters[name]) for name in names]
    quality[["internal_k", "external_k"]] = 1
    quality[["internal_silhouette", "external_silhouette", "silhouette"]] = 0.5
    quality[["stable_cluster_count", "inferred_count", "outlier_count"]] = 0
    quality[["smallest_cluster", "largest_cluster", "retention"]] = 1
    rows = [
        (category, number, name)
        for category, given in clusters.items()
        for number, name in enumerate(given, start=1)
    ]
    summary = pd.DataFrame(rows, columns=["category", "cluster_id", "cluster_name"])
    summary = summary.assign(store_count=30, store_share=0.5, sales_share=0.5)
    summary = summary.assign(silhouette=0.5, stability_band="stable", nearest_cluster=1)
    summary = summary.assign(jaccard=1, sales=1, sales_per_store=1, fitted_count=30)
    summary[["reassigned_count", "inferred_count", "outlier_count"]] = 0
    read = pd.DataFrame({"source_table": ["internal_sales"], "rows_read": 9})
    read = read.assign(rows_used=9, rows_quarantined=0, sales_read=1, sales_used=1)
    publish_tables(
        data,
        cluster_quality=quality,
        cluster_summary=summary,
        input_reconciliation=read,
        **tables,
    )


def test_categories_that_differ_in_capitals_are_not_mixed(tmp_path):
    publish(tmp_path, {"BEER": ["lager"], "beer": ["stout"], "WINE": ["red"]})
    upper = run_clustering("show", "BEER", data=tmp_path)
    assert "lager" in upper.stdout
    assert "stout" not in upper.stdout
    assert "stout" in run_clustering("show", "beer", data=tmp_path).stdout
    assert "red" in run_clustering("show", "wine", data=tmp_path).stdout
    either = run_clustering("show", "Beer", data=tmp_path)
    assert either.returncode == 2
    assert either.stderr.startswith("Error: 'Beer' may be BEER or beer; ")


def test_what_is_odd_about_the_input_is_said(tmp_path):
    notes = pd.DataFrame(
        {"source_table": ["need_state"], "note_number": [1], "note": ["a note"]}
    )
    catalog = pd.DataFrame(
        {
            "category": None,
            "feature": ["ZIP", "INCOME", "latitude"],
            "is_categorical": False,
            "store_count": 9,
            "distinct_count": 9,
            "reason": ["identifier", None, "coordinate"],
        }
    )
    publish(
        tmp_path,
        {"BEER": ["lager"]},
        input_notes=notes,
        external_feature_catalog=catalog,
    )
    lines = run_clustering("show", data=tmp_path).stdout.splitlines()
    assert "need_state: a note" in lines
    assert "external columns not used: only names something: ZIP" in lines


def test_brackets_and_colons_in_names_are_text(tmp_path):
    publish(tmp_path, {"[/x]": ["[/]", "[red] :beer: ale"], "[bold]": ["=1+1"]})
    every = run_clustering("show", data=tmp_path)
    assert every.returncode == 0, every.stderr
    assert "[/x]: clear\n" in every.stdout
    assert every.stdout.count("[bold]") == 2
    one = run_clustering("show", "[/X]", data=tmp_path)
    assert one.returncode == 0, one.stderr
    assert one.stdout.startswith("[/x]")
    assert "[/]" in one.stdout
    assert "[red] :beer: ale" in one.stdout


def test_corrections_are_counted_and_those_that_do_nothing_are_told(tmp_path):
    states = ["applied", "stale", "applied", "expired"]
    rows = pd.DataFrame({"state": states, "seed": "fixed_k", "seed_line": range(2, 6)})
    rows = rows.assign(outcome="there is no category TEA: does nothing; correct it")
    rows = rows.assign(reason="agreed", author="Kim", expires_on=None)
    publish(tmp_path, {"WINE": ["red"]}, corrections=rows)
    shown = run_clustering("show", data=tmp_path)
    assert "corrections: 4 = 2 applied + 1 expired + 1 stale\n" in shown.stdout
    what = "there is no category TEA: does nothing; correct it\n"
    assert f"correction stale: seeds/fixed_k.csv, line 3: {what}" in shown.stdout
    assert f"correction expired: seeds/fixed_k.csv, line 5: {what}" in shown.stdout


def test_without_corrections_none_are_counted(tmp_path):
    columns = ["state", "seed", "seed_line", "outcome", "reason", "author"]
    columns += ["expires_on"]
    publish(tmp_path, {"WINE": ["red"]}, corrections=pd.DataFrame(columns=columns))
    shown = run_clustering("show", data=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "correction" not in shown.stdout
