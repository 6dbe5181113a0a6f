"""The tasks around the build: validate, publish, warn of findings, trigger merging."""

import logging
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from clustering.airflow.alerts import send_findings
from clustering.airflow.build import POOL
from clustering.airflow.deployment import environment, manifest_file
from clustering.airflow.plan import MARTS, Manifest, Plan, State
from clustering.airflow.run import EVERYTHING, Run
from clustering.core.clock import today
from clustering.core.environments import Alerts
from clustering.core.errors import CommandError
from clustering.core.paths import Paths

if TYPE_CHECKING:
    from clustering.store.runs import PublishedRun
    from clustering.store.versions import Version


log = logging.getLogger(__name__)


@task(task_id="validate")
def validate(*, params: Any = None) -> None:
    """Check settings and input files before anything is built from them."""
    from clustering.core.validation import check_input  # DuckDB: not with the DAGs

    try:
        run = Run.from_params(params)
        check_input(run.environment.paths, settings=run.settings)
    except CommandError as error:
        raise AirflowFailException(str(error)) from None


@task(task_id="publish", trigger_rule="none_failed", pool=POOL, priority_weight=100)
def publish_marts(*, params: Any = None, run_id: Any = None) -> str:
    """Hand the marts to readers: those of this run, whose tests all passed."""
    from clustering.publishing import publish_build, say_waiting
    from clustering.store.versions import APPROVED

    run = Run.from_params(params)
    paths = run.environment.paths
    marts = Plan.of_stages(Manifest.read(manifest_file()), [MARTS])
    if not State.read(paths).has_passed(marts, run=run_id):
        if run.selector != EVERYTHING:
            raise AirflowSkipException(f"selector {run.selector} leaves marts out")
        raise AirflowSkipException(
            f"another run has built marts in {paths.warehouse} since: it publishes"
        )
    # jobs of single stages leave out tests that read no model
    version = publish_build(run.environment, check=False)
    if version.state != APPROVED:
        log.info(say_waiting(run.environment, version))
    return version.run


@task(task_id="done")
def tell_listeners(*, params: Any = None) -> None:
    """Let what listens start: it runs in the environment of this Airflow."""
    if params["environment"] != environment().name:
        raise AirflowSkipException(
            f"environment {params['environment']} is not this Airflow's: to merge"
            " there, run the DAG store_clustering_merging by hand"
        )


QUALITY, FRESHNESS, DRIFT = "data quality", "freshness", "cluster drift"
STABILITY, TESTS, APPROVAL = "cluster stability", "test warnings", "approval"
GATES = "quality gates"
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
    GATES: "compare it with the version before, and restore that one if need be:"
    " clustering compare RUN, clustering approve RUN",
    TESTS: "see the log of the task build",
    APPROVAL: "look at it with clustering compare RUN, then clustering approve RUN or"
    " clustering reject RUN; the live version stays until then",
}

NEWEST_PERIOD = """
    select max(period_start)
    from intermediate.int_periods
    where is_dated
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
    # pandas: not with the DAGs
    from clustering.store.runs import current_run
    from clustering.store.versions import newest_version

    newest = newest_version(paths.published)
    run = newest.run_in(paths.published) if newest else current_run(paths.published)
    if run is None:
        return []
    found = [
        *_find_waiting(newest),
        *_find_crossed_gates(newest),
        *_find_dirt(run, most=alerts.max_quarantined_share),
        *_find_drift(run, least=alerts.min_retention),
        *_find_doubt(run),
        *_find_idle_corrections(run),
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


def _find_crossed_gates(newest: "Version | None") -> list[Finding]:
    from clustering.store.versions import oddities

    return [Finding(GATES, odd) for odd in oddities(newest)] if newest else []


def _find_dirt(run: "PublishedRun", *, most: float) -> list[Finding]:
    from clustering.queries import gates

    return [
        Finding(
            QUALITY,
            f"{row['quarantined']:,.0f} of {row['wanted']:,.0f} sales rows are"
            f" quarantined ({row['quarantined'] / row['wanted']:.1%}), expected at"
            f" most {most:.1%}: {row['reasons']}",
        )
        for row in gates.quarantined(run, most=most).to_dict("records")
    ]


def _find_drift(run: "PublishedRun", *, least: float) -> list[Finding]:
    from clustering.queries import gates

    return [
        Finding(
            DRIFT,
            f"{row['category']}: {row['stayed']} of {row['shared']} stores kept their"
            f" cluster ({row['stayed'] / row['shared']:.0%}), expected at least"
            f" {least:.0%}",
        )
        for row in gates.moved(run, least=least).to_dict("records")
    ]


def _find_doubt(run: "PublishedRun") -> list[Finding]:
    from clustering.queries import gates

    return [
        Finding(STABILITY, f"{row['category']}: {row['verdict']}")
        for row in gates.doubted(run).to_dict("records")
    ]


def _find_idle_corrections(run: "PublishedRun") -> list[Finding]:
    from clustering.queries import quality

    return [
        Finding(
            CORRECTIONS,
            f"{row['state']}: seeds/{row['file']}, line {row['seed_line']}:"
            f" {row['outcome']}",
        )
        for row in quality.idle_corrections(run).to_dict("records")
    ]


def _find_old_sales(
    warehouse: duckdb.DuckDBPyConnection, *, most: int, today: date
) -> list[Finding]:
    """Compare the newest period's first day; sales without periods have no age."""
    [(newest,)] = warehouse.execute(NEWEST_PERIOD).fetchall()
    if newest is None or (days := (today - newest).days) <= most:
        return []
    what = f"the newest sales are of the period from {newest}, {days} days ago"
    return [Finding(FRESHNESS, f"{what}, expected at most {most}")]
