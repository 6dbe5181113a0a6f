"""The only task of a run that builds: one `dbt build`, since DuckDB has one writer."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from clustering.airflow.plan import Manifest, Plan, State
from clustering.airflow.run import EVERYTHING, Run
from clustering.airflow.watch import OUTCOMES, Outcome
from clustering.core.clock import today
from clustering.core.errors import DataTestError, InputError, SettingsError
from clustering.core.paths import Paths, dbt_environment

if TYPE_CHECKING:
    from clustering.core.dbt import Target

BUILT, PASSED = {"success"}, {"pass", "warn"}


class Progress:
    """Says of every model, as soon as it is known, how it came out.

    Parameters
    ----------
    tests_of : mapping
        Per model or seed that is built, the tests that decide about it and that dbt
        runs one by one; those that run with the model are part of its result.
    say : callable
        Takes the unique id of a model, and None where it was built and passed its
        tests, else what is wrong with it, in one line.
    """

    def __init__(
        self,
        tests_of: Mapping[str, Iterable[str]],
        *,
        say: Callable[[str, str | None], None],
    ) -> None:
        self._waiting = {model: {model, *tests} for model, tests in tests_of.items()}
        self._model_of = {
            node: model for model, nodes in self._waiting.items() for node in nodes
        }
        self._say = say
        self.warnings: list[str] = []

    def notice(self, event: Any) -> None:
        """Take one event of dbt."""
        if event.info.name == "JinjaLogWarning":  # of a test that ran with its model
            self.warnings.append(f"test {_one_line(event.data.msg)}")
        if event.info.name != "NodeFinished":
            return
        node, result = event.data.node_info, event.data.run_result
        status = node.node_status
        if status == "warn":
            self.warnings.append(f"test {node.node_name}: {_one_line(result.message)}")
        if status in BUILT | PASSED:
            self._pass(node.unique_id)
        else:
            self._fail(node.unique_id, _what_is_wrong(node, result))

    def _pass(self, node: str) -> None:
        model = self._model_of.get(node)
        if model not in self._waiting:
            return
        self._waiting[model].discard(node)
        if not self._waiting[model]:
            del self._waiting[model]
            self._say(model, None)

    def _fail(self, node: str, wrong: str) -> None:
        model = self._model_of.get(node)
        if model in self._waiting:
            del self._waiting[model]
            self._say(model, wrong)


def _what_is_wrong(node: Any, result: Any) -> str:
    what = f"{node.resource_type} {node.node_name}"
    if node.node_status == "skipped":
        return f"{what} did not run: something failed before it"
    return f"{what}: {_one_line(result.message) or node.node_status}"


def _one_line(message: str) -> str:
    return " ".join(message.split())


# Another try on the same input and code ends the same.
FINAL = (SettingsError, InputError, DataTestError)
# A build that takes longer hangs, and holds the slot.
LONGEST = timedelta(hours=6)

# One slot: builds of all jobs take turns.
POOL = "duckdb"


class BuildModels(BaseOperator):
    """Build and test models, and tell the tasks that watch how each comes out.

    A second attempt in the same run, by retry or by clearing, builds what the ones
    before did not bring to an end. Where input, settings or code have changed since,
    or another run has built in between, it builds everything again: half of either
    result would be neither.

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
        execution_timeout: timedelta = LONGEST,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            task_id=task_id, pool=pool, execution_timeout=execution_timeout, **kwargs
        )
        self.stages = list(stages)
        self.manifest_file = manifest_file

    def execute(self, context: Any) -> list[str]:
        """Build what the run asks for, and return the warnings of its tests."""
        try:
            run = Run.from_params(context["params"])
            return self._execute(context["ti"], run, self._plan(run))
        except FINAL as error:
            raise AirflowFailException(str(error)) from None

    def _plan(self, run: Run) -> Plan:
        from clustering.core.dbt import (
            list_nodes,  # dbt: not to be imported with the DAGs
        )

        manifest = Manifest.read(self.manifest_file)
        if run.selector == EVERYTHING:
            return Plan.of_stages(manifest, self.stages)
        nodes = list_nodes(
            run.environment.paths,
            run.selector,
            settings=run.settings,
            target=_target(run),
        )
        return Plan.of_nodes(manifest, nodes)

    def _execute(self, task: Any, run: Run, asked: Plan) -> list[str]:
        paths, signature = run.environment.paths, _sign(run)
        state = State.read(paths)
        _check_needs(asked, state, paths)
        done = state.done(asked, run=task.run_id, signature=signature)
        todo = asked.without(done)
        self.log.info("building %s of %s models", len(todo.models), len(asked.models))
        outcomes: dict[str, Outcome] = {}

        def say(model: str, wrong: str | None) -> None:
            outcomes[model] = Outcome(wrong=wrong, at=time.time())
            task.xcom_push(key=OUTCOMES, value=outcomes)
            name = model.split(".")[2]
            self.log.info("%s: %s", name, wrong or "built, and its tests passed")

        for model in done:
            say(model, None)
        alone = todo.tests_alone
        tests_of = {model: tests & alone for model, tests in todo.tests_of.items()}
        progress = Progress(tests_of, say=say)
        if todo.models:
            _build(run, todo, progress, run_id=task.run_id, signature=signature)
        return progress.warnings


def _build(
    run: Run, plan: Plan, progress: Progress, *, run_id: str, signature: str
) -> None:
    from clustering.core.builds import Origin
    from clustering.core.dbt import build
    from clustering.store.facts import code_version
    from clustering.store.recording import ResultRecorder
    from clustering.store.registry import Registry

    paths = run.environment.paths
    recorder = ResultRecorder(Registry(paths.registry))
    full_refresh = ["--full-refresh"] if run.full_refresh else []
    build(
        paths,
        settings=run.settings,
        target=_target(run),
        flags=[*plan.flags, *full_refresh],
        listeners=[recorder.notice, progress.notice],
        origin=Origin(
            started_by=f"Airflow, run {run_id}",
            environment=run.environment.name,
            tags=tuple(run.tags),
            code_version=code_version(),
            signature=signature,
            run=run_id,
        ),
    )


def _check_needs(plan: Plan, state: State, paths: Paths) -> None:
    """Refuse to build on stages whose last build has not passed."""
    for stage in sorted(plan.needs):
        if not state.has_passed(Plan.of_stages(plan.manifest, [stage])):
            raise AirflowFailException(
                f"the last build of the stage {stage} in {paths.warehouse} has not"
                " passed, or there was none; run the DAG store_clustering, or that of"
                " the stage, first"
            )


def _sign(run: Run) -> str:
    """Return the signature of what this run builds from."""
    from clustering.core.settings import check_settings
    from clustering.store.facts import sign
    from clustering.store.fit import sign_fit

    paths = run.environment.paths
    with dbt_environment(paths):  # copies of a database go where the build reads them
        return sign(
            internal=paths.internal_raw,
            external=paths.external_raw,
            settings=run.settings,
            today=today(),
            mapping=run.environment.input,
            fit=sign_fit(paths.published, check_settings(run.settings)),
        )


def _target(run: Run) -> Target:
    """Keep dbt's files beside the warehouse: a project may be read-only."""
    from clustering.core.dbt import Target

    return Target(run.environment.target, run.environment.paths.target)
