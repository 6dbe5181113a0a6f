"""The tasks around the build: checking the input, publishing, telling people."""

import logging
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from cli.errors import CommandError
from orchestration.build import POOL
from orchestration.deployment import environment
from orchestration.record import BuildRecord
from orchestration.run import EVERYTHING, Run
from orchestration.stages import MARTS

log = logging.getLogger(__name__)


@task(task_id="validate")
def validate(*, params: Any = None) -> None:
    """Check settings and input files before anything is built from them."""
    from cli.pipeline import check_input  # dbt: not to be imported with the DAGs

    try:
        run = Run.from_params(params)
        paths = run.environment.paths
        target = str(paths.warehouse.parent / "target_check")
        check_input(paths, settings=run.settings, flags=("--target-path", target))
    except CommandError as error:
        raise AirflowFailException(str(error)) from None


@task(task_id="publish", trigger_rule="none_failed", pool=POOL, priority_weight=100)
def publish_marts(*, params: Any = None, run_id: Any = None) -> str:
    """Hand the marts to readers: those of this run, whose tests all passed."""
    from cli.publish import policy_of, say_waiting
    from serving.publish import publish
    from serving.versions import APPROVED, find_version

    run = Run.from_params(params)
    paths, readers = run.environment.paths, run.environment.publishing
    if not BuildRecord.read(paths).has_passed(MARTS, run=run_id):
        if run.selector != EVERYTHING:
            raise AirflowSkipException(f"selector {run.selector} leaves marts out")
        raise AirflowSkipException(
            f"another run has built marts in {paths.warehouse} since: it publishes"
        )
    published = publish(
        paths.warehouse,
        paths.published,
        keep=readers.keep_runs,
        postgres=readers.postgres,
        check=False,  # the record knows it, of attempts that were killed too
        policy=policy_of(run.environment),
    )
    version = find_version(paths.published, published)
    if version.state != APPROVED:
        log.info(say_waiting(run.environment, version))
    return published.name


@task(task_id="done")
def tell_listeners(*, params: Any = None) -> None:
    """Let what listens start: it runs in the environment of this Airflow."""
    if params["environment"] != environment().name:
        raise AirflowSkipException(
            f"environment {params['environment']} is not this Airflow's: to merge"
            " there, run the DAG store_clustering_merging by hand"
        )
