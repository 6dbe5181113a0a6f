"""How good the data of a run are: tests, input rows, quarantine, files."""

from datetime import date
from typing import NamedTuple

import pandas as pd

from clustering.core.words import label
from clustering.store.runs import Reader


def tests(run: Reader) -> pd.DataFrame:
    """Return one row per test of the run; what warns comes first."""
    return run.read(
        """
        select status, model, test, failures, seconds, description
        from run_tests
        order by status = 'pass', failures desc, model, test
        """
    )


def test_counts(run: Reader) -> pd.DataFrame:
    """Return one row per status of tests: how many there are."""
    return run.read(
        """
        select status, count(*) as tests
        from run_tests
        group by status
        order by status
        """
    )


def reconciliation(run: Reader) -> pd.DataFrame:
    """Return one row per input table: rows and sales read, used and quarantined."""
    return run.read(
        """
        select
            source_table,
            rows_read,
            rows_used,
            rows_quarantined,
            100 * rows_quarantined / nullif(rows_read, 0) as quarantined_percent,
            cast(sales_read as double) as sales_read,
            cast(sales_used as double) as sales_used,
            cast(sales_read - sales_used as double) as sales_quarantined
        from input_reconciliation
        order by rows_read desc
        """
    )


class Returns(NamedTuple):
    """Sales rows below 0: how many, their sum, and that of the rows above 0."""

    rows: int
    sales: float
    gross: float


def returns(run: Reader) -> Returns:
    """Return what was returned; older runs do not say, and have none."""
    found = run.read("from input_reconciliation where source_table = 'internal_sales'")
    if found.empty or "rows_returned" not in found:
        return Returns(0, 0.0, 0.0)
    row = found.iloc[0]
    return Returns(
        int(row["rows_returned"]),
        float(row["sales_returned"]),
        float(row["sales_gross"]),
    )


def coverage(run: Reader) -> pd.DataFrame:
    """Return one row per join of input tables: how far their keys are in common."""
    return run.read(
        """
        select
            source_table,
            source_column,
            other_table,
            key_count,
            missing_count,
            100 * common_sales_share as common_sales_percent,
            examples
        from input_coverage
        order by source_table <> 'internal_sales', source_table, source_column
        """
    )


def notes(run: Reader) -> list[str]:
    """Return what is odd about the input and stopped nothing, a line each."""
    lines = run.read(
        "select source_table || ': ' || note as line from input_notes"
        " order by note_number"
    )
    return lines["line"].tolist()


def external_columns(run: Reader) -> pd.DataFrame:
    """Return one row per external column: its stores and values, and its use.

    A column with a value per category counts as used if it is in one of them. The
    reason is in words; it is null for columns in use.
    """
    columns = run.read(
        """
        with columns as (
            select
                feature,
                bool_or(is_categorical) as is_categorical,
                max(store_count) as store_count,
                max(distinct_count) as distinct_count,
                case when count(*) = count(reason) then min(reason) end as unused
            from external_feature_catalog
            group by feature
        )
        select * exclude (unused), unused as reason
        from columns
        order by reason is null, reason, feature
        """
    )
    said = columns["reason"].map(
        lambda code: label("unused_column", code), na_action="ignore"
    )
    return columns.assign(reason=said)


def unused_columns(run: Reader) -> str:
    """Return the external columns that are not features, with reasons, in one line.

    Coordinates are left out, which the map uses. Empty where all are used.
    """
    columns = external_columns(run)
    used_otherwise = columns["feature"].isin(["latitude", "longitude"])
    unused = columns[columns["reason"].notna() & ~used_otherwise]
    return "; ".join(
        f"{reason}: {', '.join(features)}"
        for reason, features in unused.groupby("reason")["feature"]
    )


def quarantined(run: Reader) -> pd.DataFrame:
    """Return one row per input table and reason: how much is quarantined."""
    return run.read(
        """
        select
            source_table,
            reason,
            cast(sum(row_count) as bigint) as row_count,
            count(distinct store_id) as stores,
            count(distinct sku_id) as skus,
            cast(sum(sales) as double) as sales
        from quarantined_rows
        group by source_table, reason
        order by row_count desc, source_table, reason
        """
    )


def quarantined_rows(run: Reader, source_table: str, reason: str) -> pd.DataFrame:
    """Return the rows of one input table that are quarantined for one reason."""
    return run.read(
        """
        select
            store_id,
            sku_id,
            category,
            need_state,
            period_start,
            row_count,
            cast(sales as double) as sales
        from quarantined_rows
        where source_table = ? and reason = ?
        order by row_count desc, sales desc, store_id, sku_id, category, period_start
        """,
        [source_table, reason],
    )


def corrections(run: Reader) -> pd.DataFrame:
    """Return one row per correction that people wrote; those that do nothing first."""
    return run.read(
        """
        select
            state,
            outcome,
            reason,
            author,
            expires_on,
            seed || '.csv' as file,
            seed_line
        from corrections
        order by state not in ('stale', 'expired'), seed, seed_line
        """
    )


def idle_corrections(run: Reader) -> pd.DataFrame:
    """Return the corrections that have no effect, in the order of files and lines."""
    rows = corrections(run).sort_values(["file", "seed_line"])
    return rows[rows["state"].isin(["expired", "stale"])]


def inputs(run: Reader) -> pd.DataFrame:
    """Return one row per input file: its size, age at the build, and fingerprint."""
    return run.read(
        """
        select
            run_inputs.source_table,
            run_inputs.file,
            run_inputs.bytes / 1e6 as megabytes,
            run_inputs.modified_at,
            epoch(run.built_at - run_inputs.modified_at) / 86400 as days_old,
            run_inputs.sha256
        from run_inputs
        cross join run
        order by run_inputs.source_table, run_inputs.file
        """
    )


def last_period(run: Reader) -> date | None:
    """Return the first day of the last period with sales; None without periods."""
    if "category_fits" not in run.tables:  # an earlier version did not write it
        return None
    found = run.read("select max(fitted_until) as until from category_fits")
    until = found["until"].iloc[0]
    return None if pd.isna(until) else until.date()


def row_counts(run: Reader) -> pd.DataFrame:
    """Return one row per published mart: how many rows it has."""
    return run.read("select table_name, row_count from run_row_counts order by 1")
