"""The tasks around the build: checking the input, publishing, telling people."""

from collections.abc import Collection
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from cli.errors import CommandError
from orchestration.record import BuildRecord
from orchestration.run import EVERYTHING, Run
from orchestration.stages import MARTS


@task(task_id="validate")
def validate(needs: Collection[str], *, params: Any = None) -> None:
    """Check settings and input files before anything is built from them."""
    from cli.pipeline import check_input  # dbt: not to be imported with the DAGs

    try:
        run = Run.from_params(params)
        paths = run.environment.paths
        record = BuildRecord.read(paths)
        for stage in needs:
            if not record.has_passed(stage):
                raise AirflowFailException(
                    f"no build of the {stage} clusters has passed in {paths.warehouse};"
                    " run the DAG store_clustering, or that of this stage, first"
                )
        target = str(paths.warehouse.parent / "target_check")
        check_input(paths, settings=run.settings, flags=("--target-path", target))
    except CommandError as error:
        raise AirflowFailException(str(error)) from None


@task(task_id="publish", trigger_rule="none_failed")
def publish_marts(*, params: Any = None, run_id: Any = None) -> list[str]:
    """Hand the marts to readers: those of this run, whose tests all passed."""
    from cli.publish import publish

    run = Run.from_params(params)
    paths = run.environment.paths
    if not BuildRecord.read(paths).has_passed(MARTS, run=run_id):
        if run.selector != EVERYTHING:
            raise AirflowSkipException(f"selector {run.selector} leaves marts out")
        raise AirflowFailException(
            f"the marts in {paths.warehouse} are not those that this run built and"
            " tested: another run has built since; publish with that one, or run again"
        )
    return publish(paths)
