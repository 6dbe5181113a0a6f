"""The tasks around the build: checking the input, publishing, telling people."""

import logging
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from clustering.airflow.build import POOL
from clustering.airflow.deployment import environment, manifest_file
from clustering.airflow.plan import MARTS, Manifest, Plan
from clustering.airflow.run import EVERYTHING, Run
from clustering.airflow.state import State
from clustering.core.errors import CommandError

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
