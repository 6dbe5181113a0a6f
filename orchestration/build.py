"""The one task of a run that builds: one `dbt build`, since DuckDB has one writer."""

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

from cli.errors import DataTestError, InputError, SettingsError
from cli.paths import DBT_PROJECT, PROJECT
from orchestration.manifest import Manifest
from orchestration.plan import Plan
from orchestration.progress import Progress
from orchestration.record import BuildRecord, fingerprint
from orchestration.run import EVERYTHING, Run
from orchestration.stages import stage_of
from orchestration.watch import OUTCOMES, Outcome

# Another try on the same input and code ends the same.
FINAL = (SettingsError, InputError, DataTestError)
CODE = [DBT_PROJECT / name for name in ("models", "macros", "seeds", "tests")]
CODE += [PROJECT / "ml"]

# One slot: builds of all jobs take turns.
POOL = "duckdb"


class BuildModels(BaseOperator):
    """Build and test models, and tell the tasks that watch how each comes out.

    A second attempt in the same run, by retry or by clearing, builds what is not green
    yet. Where input or code have changed since, or another run has built in between,
    it builds everything again: half of either result would be neither.

    Parameters
    ----------
    stages : collection of str
        What to build, unless the run's selector says otherwise.
    manifest_file : Path
        What ``dbt parse`` wrote.
    """

    ui_color = "#ffd7a8"

    def __init__(
        self,
        *,
        stages: Collection[str],
        manifest_file: Path,
        task_id: str = "build",
        pool: str = POOL,
        **kwargs: Any,
    ) -> None:
        super().__init__(task_id=task_id, pool=pool, **kwargs)
        self.stages = list(stages)
        self.manifest_file = manifest_file

    def execute(self, context: Any) -> list[str]:
        """Build what the run asks for, and return the warnings of its tests."""
        task, run = context["ti"], Run.from_params(context["params"])
        paths = run.environment.paths
        asked = todo = self._plan(run)
        input = fingerprint([*run.environment.raw_folders, *CODE])
        record = BuildRecord.read(paths)
        if task.try_number > 1 and (record.run, record.input) == (task.run_id, input):
            todo = asked.without(self._green(task, asked))
            self.log.info("building the %s models not green yet", len(todo.models))
        record = record.start(task.run_id, input=input, stages=asked.stages)
        record.write(paths)
        progress = Progress(todo.tests_of, say=self._teller(task))
        if todo.models:
            self._build(run, todo, progress)
        record.finish(asked.whole_stages).write(paths)
        return progress.warnings

    def _plan(self, run: Run) -> Plan:
        from cli.pipeline import list_nodes  # dbt: not to be imported with the DAGs

        manifest = Manifest.read(self.manifest_file)
        if run.selector == EVERYTHING:
            return Plan.of_stages(manifest, self.stages)
        paths = run.environment.paths
        return Plan.of_nodes(
            manifest, list_nodes(paths, run.selector, flags=_target(run))
        )

    def _green(self, task: Any, plan: Plan) -> set[str]:
        """Return the models whose tasks are green in this run."""
        states = RuntimeTaskInstance.get_task_states(
            dag_id=task.dag_id, run_ids=[task.run_id]
        )[task.run_id]
        return {
            model
            for model in plan.models
            if states.get(task_id_of(plan.manifest, model)) == "success"
        }

    def _teller(self, task: Any) -> Callable[[str, str | None], None]:
        outcomes: dict[str, Outcome] = {}

        def say(model: str, wrong: str | None) -> None:
            outcomes[model] = Outcome(wrong=wrong, at=time.time())
            task.xcom_push(key=OUTCOMES, value=outcomes)
            name = model.split(".")[2]
            self.log.info("%s: %s", name, wrong or "built, and its tests passed")

        return say

    def _build(self, run: Run, plan: Plan, progress: Progress) -> None:
        from cli.pipeline import build

        full_refresh = ["--full-refresh"] if run.full_refresh else []
        try:
            build(
                run.environment.paths,
                settings=run.settings,
                flags=[*plan.flags, *full_refresh, *_target(run)],
                listeners=[progress.notice],
            )
        except FINAL as error:
            raise AirflowFailException(str(error)) from None


def task_id_of(manifest: Manifest, model: str) -> str:
    """Return the id of the task that watches a model or seed."""
    return f"{stage_of(manifest, model)}.{model.split('.')[2]}"


def _target(run: Run) -> list[str]:
    """Keep dbt's files beside the warehouse: a project may be read-only."""
    return ["--target-path", str(run.environment.paths.target)]
