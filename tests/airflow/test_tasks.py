"""Findings: what in published clusters is worth a warning, on marts of a real run."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
from airflow.sdk import DAG, task

from clustering.airflow.tasks import look_at_published, tell_findings
from clustering.core.environments import Alerts
from clustering.core.paths import Paths
from clustering.store.runs import current_run

LAX = Alerts(min_retention=0, max_quarantined_share=1)


def plant(database: Path, *statements: str) -> None:
    with duckdb.connect(str(database)) as connection:
        for statement in statements:
            connection.execute(statement)


def run_of(paths: Paths) -> Path:
    """Return the database of the run that is live: what is looked at."""
    return current_run(paths.published).database


def value(database: Path, query: str):
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchone()[0]


def look(paths: Paths, *, today: date = date.max, **alerts) -> list[tuple[str, str]]:
    """Return what is found besides categories that small samples make unstable."""
    thresholds = LAX.model_copy(update=alerts)
    found = look_at_published(paths, thresholds, today=today)
    return [(one.kind, one.what) for one in found if one.kind != "cluster stability"]


def test_a_first_run_within_the_thresholds_has_no_finding(paths):
    assert look(paths) == []


def test_quarantined_rows_beyond_the_threshold_are_found(paths):
    read = value(
        run_of(paths),
        "select rows_read from input_reconciliation"
        " where source_table = 'internal_sales'",
    )
    plant(
        run_of(paths),
        "delete from quarantined_rows",
        "insert into quarantined_rows (source_table, reason, row_count)"
        " values ('internal_sales', 'duplicate', 3),"
        " ('internal_sales', 'unknown_sku', 4), ('internal_sales', 'unknown_sku', 5),"
        " ('need_state', 'null_key', 1000)",
    )
    ((kind, what),) = look(paths, max_quarantined_share=11 / read)
    assert kind == "data quality"
    assert what == (
        f"12 of {read:,} sales rows are quarantined ({12 / read:.1%}), expected at"
        f" most {11 / read:.1%}: unknown_sku 9, duplicate 3"
    )
    assert look(paths, max_quarantined_share=12 / read) == []


def test_rows_of_excluded_categories_do_not_count(paths):
    plant(
        run_of(paths),
        "delete from quarantined_rows",
        "insert into quarantined_rows (source_table, reason, row_count)"
        " values ('internal_sales', 'excluded_category', 1000)",
    )
    assert look(paths, max_quarantined_share=0) == []


def test_a_category_whose_stores_moved_is_found(paths):
    plant(
        run_of(paths),
        "update category_drift set stores_before = 40, stores_left = 4,"
        " stores_moved = if(category = 'COFFEE', 9, 0),"
        " retention = if(category = 'COFFEE', 0.75, 1)",
    )
    assert look(paths, min_retention=0.9) == [
        (
            "cluster drift",
            "COFFEE: 27 of 36 stores kept their cluster (75%), expected at least 90%",
        )
    ]
    assert look(paths, min_retention=0.75) == []


def test_corrections_that_do_nothing_are_found(paths):
    columns = "(seed, seed_line, action, category, state, outcome, reason, author)"
    rows = ", ".join(
        f"('fixed_k', {line}, 'fix_k', 'COFFEE', '{state}', 'what it did', 'r', 'a')"
        for line, state in enumerate(
            ["applied", "stale", "no effect needed", "expired"], start=2
        )
    )
    plant(run_of(paths), f"insert into corrections {columns} values {rows}")
    assert look(paths) == [
        ("corrections", "stale: seeds/fixed_k.csv, line 3: what it did"),
        ("corrections", "expired: seeds/fixed_k.csv, line 5: what it did"),
    ]


def test_a_category_whose_clusters_are_unstable_is_found(paths):
    plant(
        run_of(paths),
        "update cluster_quality set verdict = 'stable: all', verdict_code = 'stable'",
        "update cluster_quality"
        " set verdict = 'unstable: none', verdict_code = 'unstable'"
        " where category = 'COFFEE'",
    )
    (found,) = look_at_published(paths, LAX, today=date.max)
    assert (found.kind, found.what) == ("cluster stability", "COFFEE: unstable: none")


def test_sales_that_are_too_old_are_found(paths):
    newest = value(
        paths.warehouse, "select max(period_start) from staging.stg_internal_sales"
    )
    limit = {"max_days_since_last_sale": 45}
    assert look(paths, today=newest + timedelta(days=45), **limit) == []
    assert look(paths, today=newest + timedelta(days=46), **limit) == [
        (
            "freshness",
            f"the newest sales are of the period from {newest}, 46 days ago, expected"
            " at most 45",
        )
    ]
    assert look(paths, today=newest + timedelta(days=46)) == []


def test_sales_without_periods_have_no_age(paths):
    plant(paths.warehouse, "update intermediate.int_periods set is_dated = false")
    assert look(paths, max_days_since_last_sale=1) == []


def test_the_task_sends_one_alert_with_all_findings(
    run_dag, paths, mailbox, slack, monkeypatch
):
    plant(
        run_of(paths),
        "update cluster_quality"
        " set verdict = 'unstable: ' || category, verdict_code = 'unstable'",
    )
    send_findings_of(run_dag, paths, monkeypatch, warnings=["test x: Got 2"])
    (mail,), (text,) = mailbox.mails, slack.texts
    assert mail["Subject"].startswith("[staging] finding_")
    assert mail["Subject"].endswith(
        " published, with warnings: cluster stability, test warnings"
    )
    assert text.splitlines()[1:4] == [
        "cluster stability: COFFEE: unstable: COFFEE",
        "cluster stability: SHAMPOO: unstable: SHAMPOO",
        "test warnings: test x: Got 2",
    ]
    assert "What to do: cluster stability: plan with" in text
    assert "test warnings: see the log of the task build." in text


def test_the_task_sends_nothing_where_there_is_nothing(
    run_dag, paths, slack, monkeypatch
):
    plant(
        run_of(paths),
        "update cluster_quality set verdict = 'stable: all', verdict_code = 'stable'",
    )
    send_findings_of(run_dag, paths, monkeypatch, warnings=[])
    assert slack.texts == []


def test_a_channel_that_fails_does_not_fail_the_task(
    run_dag, paths, slack, monkeypatch
):
    slack.status = 404
    send_findings_of(run_dag, paths, monkeypatch, warnings=["test x"])
    assert len(slack.texts) == 1


def send_findings_of(run_dag, paths, monkeypatch, *, warnings) -> None:
    """Run the task on data as staging's, after a build with warnings."""
    monkeypatch.setenv("STAGING_DATA_DIR", str(paths.data))
    monkeypatch.setenv("ALERT_MAIL_TO", "team@example.com")
    params = {"environment": "staging", "full_refresh": False, "tags": []}
    params |= {"min_clusters": None, "max_clusters": None}
    with DAG(f"finding_{paths.data.name}", schedule=None, params=params) as dag:

        @task(task_id="build")
        def build():
            return warnings

        build() >> tell_findings.override(pool="default_pool")()

    assert run_dag(dag).state == "success"
