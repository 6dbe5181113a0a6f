"""Data quality: tests, input rows, quarantine and files, as the run has them."""

import pandas as pd

from clustering.presentation.charts.overview import rows_quarantined
from clustering.queries import quality
from tests.dashboard.runs import values, write_run


def test_warnings_come_first(tmp_path):
    tests = pd.DataFrame(
        {
            "test": ["a", "b", "c"],
            "model": "m",
            "status": ["pass", "warn", "warn"],
            "failures": [0, 2, 7],
            "seconds": 0.1,
            "description": "",
        }
    )
    small = write_run(tmp_path / "run", run_tests=tests)
    assert quality.tests(small)["test"].tolist() == ["c", "b", "a"]


def test_rows_read_are_rows_used_and_quarantined(run):
    rows = quality.reconciliation(run)
    total = rows["rows_used"] + rows["rows_quarantined"]
    assert rows["rows_read"].tolist() == total.tolist()
    quarantined = quality.quarantined(run)
    assert quarantined["row_count"].sum() == rows["rows_quarantined"].sum()
    for row in quarantined.itertuples():
        found = quality.quarantined_rows(run, row.source_table, row.reason)
        assert found["row_count"].sum() == row.row_count


def test_returns_are_counted_and_older_runs_have_none(tmp_path):
    read = pd.DataFrame({"source_table": ["internal_sales", "need_state"]})
    older = write_run(tmp_path / "older", input_reconciliation=read)
    assert quality.returns(older) == (0, 0, 0)
    read["rows_returned"] = [2, None]
    read["sales_returned"], read["sales_gross"] = [-5.5, None], [100.0, None]
    run = write_run(tmp_path / "run", input_reconciliation=read)
    assert quality.returns(run) == (2, -5.5, 100.0)


def test_a_column_used_in_one_category_counts_as_used(tmp_path):
    catalog = pd.DataFrame(
        {
            "category": ["GIN", "RUM", None, None, None],
            "feature": ["MARKET", "MARKET", "ZIP", "TOWN", "latitude"],
            "is_categorical": [False, False, False, True, False],
            "store_count": [5, 4, 9, 9, 9],
            "distinct_count": [1, 3, 9, 8, 9],
            "reason": ["constant", None, "identifier", "too_many_levels", "coordinate"],
        }
    )
    small = write_run(tmp_path / "run", external_feature_catalog=catalog)
    columns = quality.external_columns(small).set_index("feature")
    assert columns.index[-1] == "MARKET"
    assert pd.isna(columns.loc["MARKET", "reason"])
    assert columns.loc["MARKET", "distinct_count"] == 3
    assert quality.unused_columns(small) == (
        "only names something: ZIP; too many different texts: TOWN"
    )


def test_notes_are_lines_in_order(tmp_path):
    notes = pd.DataFrame(
        {
            "source_table": ["internal_sales", "need_state"],
            "note_number": [2, 1],
            "note": ["second", "first"],
        }
    )
    small = write_run(tmp_path / "run", input_notes=notes)
    assert quality.notes(small) == ["need_state: first", "internal_sales: second"]


def test_every_store_of_the_sales_has_attributes(run):
    joins = quality.coverage(run).set_index(["source_table", "source_column"])
    stores = joins.loc[("internal_sales", "STORE_NBR")]
    assert (stores["missing_count"], stores["common_sales_percent"]) == (0, 100)


def test_corrections_without_effect_come_first(tmp_path):
    rows = pd.DataFrame(
        {
            "seed": ["fixed_k", "fixed_k", "store_corrections"],
            "seed_line": [2, 3, 2],
            "state": ["applied", "stale", "expired"],
            "outcome": "what it did",
            "reason": "agreed",
            "author": "Kim",
            "expires_on": pd.Timestamp("2026-01-05"),
        }
    )
    small = write_run(tmp_path / "run", corrections=rows)
    shown = quality.corrections(small)
    assert shown["state"].tolist() == ["stale", "expired", "applied"]
    assert shown["file"].tolist() == [
        "fixed_k.csv",
        "store_corrections.csv",
        "fixed_k.csv",
    ]


def test_age_of_a_file_is_that_at_the_build(tmp_path):
    moment = pd.Timestamp("2026-01-08 12:00")
    inputs = pd.DataFrame(
        {
            "source_table": ["need_state"],
            "file": ["need_state.csv"],
            "bytes": [2_500_000],
            "modified_at": [pd.Timestamp("2026-01-05")],
            "sha256": ["0a"],
        }
    )
    run = pd.DataFrame({"built_at": [moment]})
    small = write_run(tmp_path / "run", run_inputs=inputs, run=run)
    (row,) = quality.inputs(small).itertuples()
    assert (row.megabytes, row.days_old) == (2.5, 3.5)


def test_chart_has_a_bar_per_table_and_reason():
    frame = pd.DataFrame(
        {
            "source_table": ["need_state", "internal_sales"],
            "reason": ["null_key", "unknown_sku"],
            "row_count": [3, 22],
        }
    )
    assert values(rows_quarantined(frame))["name"].tolist() == [
        "need_state: null key",
        "internal_sales: unknown sku",
    ]


def test_page_shows_the_tests_and_rows_of_the_run(visitor, run):
    visitor.open("quality")
    tests = run.read("select * from run_tests")
    passed = (tests["status"] == "pass").sum()
    assert visitor.metric("Tests passed") == f"{passed:,}"
    assert visitor.metric("Tests with warnings") == f"{len(tests) - passed}"
    rows = run.read("select * from input_reconciliation").set_index("source_table")
    assert visitor.metric("Quarantined") == f"{rows['rows_quarantined'].sum():,}"
    shown = visitor.table().set_index("Table")
    assert set(shown.index) == set(rows.index)
    for name, row in rows.iterrows():
        figures = shown.loc[name, ["Rows read", "Rows used", "Quarantined"]]
        there = row[["rows_read", "rows_used", "rows_quarantined"]]
        assert [_whole(one) for one in figures] == there.astype(int).tolist()
    until = run.read("select max(fitted_until) as day from category_fits")["day"][0]
    assert f"sales until {until:%b %Y}" in visitor.text
    read, used = (float(rows[one].sum()) for one in ("sales_read", "sales_used"))
    assert f"Sales: {read:,.2f} read = {used:,.2f} used" in visitor.text
    visitor.show("quality")


def test_page_shows_quarantined_rows_by_reason_and_offers_them(visitor, run):
    visitor.open("quality")
    there = run.read("select * from quarantined_rows")
    shown = visitor.table(2)
    counts = there.groupby(["source_table", "reason"])["row_count"].sum()
    assert {
        (row.Table, row.Reason): _whole(row.Rows) for row in shown.itertuples()
    } == counts.to_dict()
    first = quality.quarantined(run).iloc[0]
    with visitor.page.expect_download() as download:
        name = f"quarantined {first['source_table']} {first['reason']}.csv"
        offered = visitor.page.get_by_test_id("stDownloadButton")
        offered.filter(has_text="CSV").nth(3).click()
    assert download.value.suggested_filename == name
    rows = pd.read_csv(download.value.path())
    assert rows["row_count"].sum() == first["row_count"]


def test_page_shows_the_input_files(visitor, run):
    visitor.open("quality")
    there = run.read("select * from run_inputs order by source_table, file")
    shown = visitor.table(5)
    assert shown["File"].tolist() == there["file"].tolist()
    assert shown["SHA-256"].tolist() == there["sha256"].tolist()


def _whole(text: str) -> int:
    return int(text.replace(",", ""))
