"""Data quality: the tests of the run, and what became of the input rows."""

from datetime import date

import pandas as pd
import streamlit as st

from clustering.dashboard import tables
from clustering.dashboard.choices import choose
from clustering.dashboard.published import Run
from clustering.dashboard.view import View
from clustering.presentation import words
from clustering.presentation.charts import overview as charts
from clustering.queries import quality

# Rows of a table that are sent to the browser.
SHOWN = 1_000


def render(run: Run) -> None:
    """Show the page."""
    tests, rows = quality.tests(run), quality.reconciliation(run)
    inputs = quality.inputs(run)
    _show_figures(tests, rows, inputs, quality.last_period(run))
    _show_reconciliation(rows, quality.returns(run))
    _show_coverage(run)
    _show_quarantine(run)
    _show_external_columns(run)
    _show_corrections(run)
    _show_inputs(inputs)
    _show_tests(tests)
    _show_row_counts(quality.row_counts(run))


def _show_figures(
    tests: pd.DataFrame, rows: pd.DataFrame, inputs: pd.DataFrame, until: date | None
) -> None:
    read, out = rows["rows_read"].sum(), rows["rows_quarantined"].sum()
    figures = {
        "Tests passed": words.number((tests["status"] == "pass").sum()),
        "Tests with warnings": words.number((tests["status"] == "warn").sum()),
        "Rows read": words.short_number(read),
        "Quarantined": words.number(out),
        "Newest input": (
            _days(inputs["days_old"].min()),
            f"sales until {until:%b %Y}" if until else "",
        ),
    }
    helps = {
        "Quarantined": f"{words.percent(out / read, decimals=4)} of the rows read",
        "Newest input": "Age of the newest input file when the run was built, and the"
        " last period whose sales are in it.",
    }
    tables.show_figures(figures, helps=helps)


def _days(days: float) -> str:
    if pd.isna(days):
        return "-"
    return "today" if days < 1 else words.count(int(days), "day")


def _show_reconciliation(rows: pd.DataFrame, returned: quality.Returns) -> None:
    st.header("Input rows", anchor=False)
    counts = [column for column in rows if not column.startswith("sales")]
    tables.show(rows[counts], COLUMNS)
    sales = rows[["sales_read", "sales_used", "sales_quarantined"]].sum()
    read, used, out = (words.number(total, decimals=2) for total in sales)
    said = f"Sales: {read} read = {used} used + {out} quarantined."
    if returned.rows:
        said += (
            f" Read are {words.number(returned.gross, decimals=2)} gross and"
            f" {words.number(returned.sales, decimals=2)} in"
            f" {words.count(returned.rows, 'return')} (rows below 0)."
        )
    st.caption(said)
    tables.offer(rows, "input rows")


def _show_coverage(run: Run) -> None:
    if not {"input_coverage", "input_notes"} <= run.tables:
        return
    st.header("Keys in common", anchor=False)
    for note in quality.notes(run):
        st.warning(words.plain(note), icon=":material/join_inner:")
    rows = quality.coverage(run)
    tables.show(rows, COLUMNS)
    tables.offer(rows, "keys in common")


def _show_external_columns(run: Run) -> None:
    if "external_feature_catalog" not in run.tables:
        return
    st.header("External columns", anchor=False)
    rows = quality.external_columns(run)
    tables.show(rows, COLUMNS)
    tables.offer(rows, "external columns")


def _show_quarantine(run: Run) -> None:
    st.header("Quarantined rows", anchor=False)
    reasons = quality.quarantined(run)
    if reasons.empty:
        st.success("Every row of the input was used.", icon=":material/check:")
        return
    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.altair_chart(charts.rows_quarantined(reasons))
    with right:
        tables.show(reasons, COLUMNS)
        tables.offer(reasons, "quarantined by reason")
    _show_quarantined_rows(run, reasons)


def _show_quarantined_rows(run: Run, reasons: pd.DataFrame) -> None:
    keys = reasons[["source_table", "reason"]].itertuples(index=False, name=None)
    by_name = {f"{table}: {reason}": (table, reason) for table, reason in keys}
    name = choose("Rows quarantined for", list(by_name), key="reason")
    table, reason = by_name[name]
    rows = quality.quarantined_rows(run, table, reason)
    of_what = words.plain(f"{table}: {reason}")
    st.markdown(f"**{words.count(len(rows), 'key')} of {of_what}**")
    tables.show(rows.head(SHOWN).dropna(axis="columns", how="all"), COLUMNS, height=250)
    if len(rows) > SHOWN:
        st.caption(f"The first {SHOWN:,} of {len(rows):,}; the downloads have all.")
    tables.offer(rows, f"quarantined {table} {reason}")


def _show_corrections(run: Run) -> None:
    if "corrections" not in run.tables:
        return
    st.header("Corrections", anchor=False)
    rows = quality.corrections(run)
    if rows.empty:
        st.info("There are no corrections.", icon=":material/edit_off:")
        return
    idle = rows["state"].isin(["stale", "expired"]).sum()
    if idle:
        st.warning(
            f"{words.count(idle, 'correction')} of {len(rows)} had no effect: renew,"
            " correct or remove these rows.",
            icon=":material/edit_note:",
        )
    tables.show(rows, COLUMNS)
    tables.offer(rows, "corrections")


def _show_inputs(inputs: pd.DataFrame) -> None:
    st.header("Input files", anchor=False)
    tables.show(inputs, COLUMNS)


def _show_tests(tests: pd.DataFrame) -> None:
    st.header("Tests of the data", anchor=False)
    warn = tests[tests["status"] == "warn"]
    if warn.empty:
        st.success(f"All {len(tests):,} tests passed.", icon=":material/check:")
    for row in warn.itertuples():
        said = f"{row.test}: {words.count(row.failures, 'row')}. {row.description}"
        st.warning(words.plain(said))
    tables.show(tests, COLUMNS, height=300)
    tables.offer(tests, "tests")


def _show_row_counts(row_counts: pd.DataFrame) -> None:
    with st.expander("Rows of each table that was published"):
        tables.show(row_counts, COLUMNS)


COLUMNS = {
    "source_table": "Table",
    "rows_read": tables.whole("Rows read"),
    "rows_used": tables.whole("Rows used"),
    "rows_quarantined": tables.whole("Quarantined"),
    "quarantined_percent": st.column_config.NumberColumn("Of rows", format="%.4f %%"),
    "source_column": "Column",
    "other_table": "Joined with",
    "key_count": tables.whole("Keys"),
    "missing_count": tables.whole("Missing there"),
    "common_sales_percent": st.column_config.NumberColumn(
        "Sales in common", format="%.1f %%"
    ),
    "examples": "Missing, such as",
    "feature": "Column",
    "is_categorical": "Text",
    "store_count": tables.whole("Stores"),
    "distinct_count": tables.whole("Different values"),
    "reason": "Reason",
    "row_count": tables.whole("Rows"),
    "stores": tables.whole("Stores"),
    "skus": tables.whole("SKUs"),
    "sales": tables.whole("Sales"),
    "store_id": "Store",
    "sku_id": "SKU",
    "category": "Category",
    "need_state": "Need state",
    "period_start": st.column_config.DateColumn("Period"),
    "file": "File",
    "seed_line": tables.whole("Line"),
    "state": "State",
    "outcome": st.column_config.TextColumn("Outcome", width=430),
    "author": "Author",
    "expires_on": st.column_config.DateColumn("Expires"),
    "megabytes": tables.decimal("MB", decimals=1),
    "modified_at": st.column_config.DatetimeColumn(
        "Last changed (UTC)", format="D MMM YYYY, HH:mm"
    ),
    "days_old": tables.decimal("Days old at the build", decimals=1),
    "sha256": "SHA-256",
    "status": "Result",
    "model": "Model",
    "test": st.column_config.TextColumn("Test", width=430),
    "failures": tables.whole("Rows found"),
    "seconds": tables.decimal("Seconds"),
    "description": "Description",
    "table_name": "Table",
}

VIEW = View(
    title="Data quality",
    path="quality",
    icon=":material/fact_check:",
    tables=(
        "run",
        "run_tests",
        "run_inputs",
        "run_row_counts",
        "input_reconciliation",
        "quarantined_rows",
    ),
    render=render,
    about="The tests of the run, and what became of the input.",
)
