"""What in new clusters is worth a warning: dirt, drift, doubt, age, and who decides."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
from airflow.sdk import get_current_context, task

from clustering.airflow.alerts import send_findings
from clustering.airflow.build import POOL
from clustering.airflow.run import Run
from clustering.core.clock import today
from clustering.core.environments import Alerts
from clustering.core.paths import Paths
from clustering.queries.gates import MOVED, QUARANTINED

if TYPE_CHECKING:
    from clustering.store.versions import Version

QUALITY, FRESHNESS, DRIFT = "data quality", "freshness", "cluster drift"
STABILITY, TESTS, APPROVAL = "cluster stability", "test warnings", "approval"
CORRECTIONS = "corrections"
TODO = {
    QUALITY: "see the mart quarantined_rows; docs/input.md says what each reason means",
    FRESHNESS: "ask why the feed of internal_sales stands still",
    DRIFT: "see the marts cluster_changes and cluster_migrations before plans that"
    " rest on the old clusters go on",
    STABILITY: "plan with the internal or external clusters alone, or see Trust in"
    " docs/method.md for settings that make final clusters firmer",
    CORRECTIONS: "renew, correct or remove these rows of dbt_project/seeds;"
    " docs/operate.md says how",
    TESTS: "see the log of the task build",
    APPROVAL: "look at it with clustering compare RUN, then clustering approve RUN or"
    " clustering reject RUN; readers keep what they have until then",
}

DOUBTED = """
    select category, verdict
    from cluster_quality
    where verdict_code in ('partly_stable', 'unstable', 'one_cluster_unstable')
    order by category
"""

IDLE_CORRECTIONS = """
    select state, seed, seed_line, outcome
    from corrections
    where state in ('expired', 'stale')
    order by seed, seed_line
"""

NEWEST_PERIOD = """
    select max(period_start)
    from intermediate.int_sales_checked
    where reason is null
"""


@dataclass(frozen=True)
class Finding:
    """One thing worth a warning: its kind, and the value found and wanted."""

    kind: str
    what: str


@task(task_id="tell_findings", pool=POOL)
def tell_findings(*, params: Any = None, ti: Any = None) -> list[str]:
    """Warn of what is odd in the clusters just published; that fails no run."""
    environment = Run.from_params(params).environment
    found = look_at_published(environment.paths, environment.alerts, today=today())
    found += [Finding(TESTS, line) for line in ti.xcom_pull(task_ids="build") or []]
    lines = [f"{finding.kind}: {finding.what}" for finding in found]
    if found:
        kinds = list(dict.fromkeys(finding.kind for finding in found))
        todo = [f"{kind}: {TODO[kind]}." for kind in kinds]
        send_findings(get_current_context(), kinds=kinds, what=lines, todo=todo)
    return lines


def look_at_published(paths: Paths, alerts: Alerts, *, today: date) -> list[Finding]:
    """Return what in the newest version is beyond the thresholds.

    The newest period of sales is no mart's: it is read from the warehouse that it was
    published from.
    """
    from clustering.store.versions import newest_version  # pandas: not with the DAGs

    newest = newest_version(paths.published)
    database = newest.run_in(paths.published).database if newest else paths.database
    with duckdb.connect(str(database), read_only=True) as published:
        found = [
            *_find_waiting(newest),
            *_find_dirt(published, most=alerts.max_quarantined_share),
            *_find_drift(published, least=alerts.min_retention),
            *_find_doubt(published),
            *_find_idle_corrections(published),
        ]
    most = alerts.max_days_since_last_sale
    if most is not None:
        with duckdb.connect(str(paths.warehouse), read_only=True) as warehouse:
            found += _find_old_sales(warehouse, most=most, today=today)
    return found


def _find_waiting(newest: "Version | None") -> list[Finding]:
    if newest is None or newest.state not in ("created", "ready"):
        return []
    why = newest.reason or "a person approves versions here"
    what = f"version {newest.number}, {newest.run}, waits for a person: {why}"
    return [Finding(APPROVAL, what)]


def _find_dirt(marts: duckdb.DuckDBPyConnection, *, most: float) -> list[Finding]:
    rows = marts.execute(QUARANTINED, [most]).fetchall()
    return [
        Finding(
            QUALITY,
            f"{bad:,} of {read:,} sales rows are quarantined ({bad / read:.1%}),"
            f" expected at most {most:.1%}: {reasons}",
        )
        for bad, read, reasons in rows
    ]


def _find_drift(marts: duckdb.DuckDBPyConnection, *, least: float) -> list[Finding]:
    rows = marts.execute(MOVED, [least]).fetchall()
    return [
        Finding(
            DRIFT,
            f"{category}: {stayed} of {shared} stores kept their cluster"
            f" ({stayed / shared:.0%}), expected at least {least:.0%}",
        )
        for category, stayed, shared in rows
    ]


def _find_doubt(marts: duckdb.DuckDBPyConnection) -> list[Finding]:
    rows = marts.execute(DOUBTED).fetchall()
    return [Finding(STABILITY, f"{category}: {verdict}") for category, verdict in rows]


def _find_idle_corrections(marts: duckdb.DuckDBPyConnection) -> list[Finding]:
    rows = marts.execute(IDLE_CORRECTIONS).fetchall()
    return [
        Finding(CORRECTIONS, f"{state}: seeds/{seed}.csv, line {line}: {outcome}")
        for state, seed, line, outcome in rows
    ]


def _find_old_sales(
    warehouse: duckdb.DuckDBPyConnection, *, most: int, today: date
) -> list[Finding]:
    """Compare the newest period's first day; sales without periods have no age."""
    (newest,) = warehouse.execute(NEWEST_PERIOD).fetchone()
    if newest is None or (days := (today - newest).days) <= most:
        return []
    what = f"the newest sales are of the period from {newest}, {days} days ago"
    return [Finding(FRESHNESS, f"{what}, expected at most {most}")]
