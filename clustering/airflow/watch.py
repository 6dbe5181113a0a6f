"""One task per dbt model, which shows its result in the one build of the run."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from airflow.sdk import BaseOperator
from airflow.sdk.bases.xcom import BaseXCom
from airflow.sdk.exceptions import AirflowRuntimeError
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from airflow.triggers.base import (
    BaseTaskEndEvent,
    BaseTrigger,
    StartTriggerArgs,
    TaskFailedEvent,
    TaskSkippedEvent,
    TaskSuccessEvent,
)
from asgiref.sync import sync_to_async

# XCom of the task that builds: the outcome of every model so far.
OUTCOMES = "outcomes"

SECONDS_BETWEEN_LOOKS = 1.0
FORGET_AFTER = 60.0
MOST_FAILURES = 120
NOT_YET = {
    None,
    "scheduled",
    "queued",
    "up_for_retry",
    "up_for_reschedule",
    "restarting",
    "deferred",
}


class Outcome(TypedDict):
    """How a model came out: what is wrong with it, in one line, and when that was."""

    wrong: str | None
    at: float


class WatchModel(BaseOperator):
    """Wait for one model of the task that builds them all.

    The waiting is done by the triggerer from the start: the task takes no worker, so
    that a project of hundreds of models is shown task by task at no cost.

    Parameters
    ----------
    model : str
        Unique id of the model or seed, as in dbt's manifest.
    build_task_id : str
        The task that builds it.
    """

    ui_color = "#f1e3d3"
    start_from_trigger = True

    def __init__(self, *, model: str, build_task_id: str, **kwargs: Any) -> None:
        # the build is what is tried again, and what tells people
        kwargs |= {"on_failure_callback": None, "on_retry_callback": None}
        super().__init__(trigger_rule="one_success", retries=0, **kwargs)
        self.model = model
        self.build_task_id = build_task_id
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="clustering.airflow.watch.ModelTrigger",
            trigger_kwargs={"model": model, "build_task_id": build_task_id},
            next_method="execute",
        )

    def execute(self, context: Any) -> None:
        """Refuse: the trigger ends the task, and no worker ever gets it."""
        raise RuntimeError(
            f"task {self.task_id} runs in the triggerer; none is running"
        )


class ModelTrigger(BaseTrigger):
    """Ends the task of a model as soon as the build says how the model came out.

    A model that passed is shown at once. One that failed is shown when the build has
    ended: until then it may be tried again.
    """

    def __init__(self, *, model: str, build_task_id: str) -> None:
        super().__init__()
        self.model = model
        self.build_task_id = build_task_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what it takes to make this trigger again, in the triggerer."""
        return "clustering.airflow.watch.ModelTrigger", {
            "model": self.model,
            "build_task_id": self.build_task_id,
        }

    async def run(self) -> AsyncIterator[BaseTaskEndEvent]:
        """Look until the model's end is known."""
        task: Any = self.task_instance  # Airflow sets it before it runs a trigger
        since, failures = time.time(), 0
        while True:
            try:
                look = look_at_build(task.dag_id, task.run_id, self.build_task_id)
                end, failures = self._end(await look, since=since), 0
            except AirflowRuntimeError as error:  # such as a database that restarts
                if (failures := failures + 1) > MOST_FAILURES:
                    raise
                end = self.log.warning("cannot see the build: %s", error)
            if end:
                yield end
                return
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)

    def _end(self, build: "Build", *, since: float) -> BaseTaskEndEvent | None:
        if build.state in NOT_YET:
            return None
        outcome = build.outcomes.get(self.model)
        if build.state == "running":
            # An older outcome is that of an attempt before, which this one replaces.
            passed = outcome and outcome["wrong"] is None and outcome["at"] >= since
            return TaskSuccessEvent() if passed else None
        if outcome is None and build.state == "success":
            self.log.info("not in the selection of this run")
            return TaskSkippedEvent()
        if outcome is None:
            wrong = f"task {self.build_task_id} ended before this model; see its log"
        else:
            wrong = outcome["wrong"]
        if wrong is None:
            return TaskSuccessEvent()
        self.log.error(wrong)
        return TaskFailedEvent()


@dataclass(frozen=True)
class Build:
    """The build of a run as it stands: its task's state, and the outcomes so far."""

    state: str | None
    outcomes: Mapping[str, Outcome]


_looks: dict[tuple[str, str, str], tuple[float, asyncio.Future[Build]]] = {}


async def look_at_build(dag_id: str, run_id: str, task_id: str) -> Build:
    """Return how a build stands; all triggers in one process share one look."""
    key, now = (dag_id, run_id, task_id), time.monotonic()
    for old in [key for key, (at, _) in _looks.items() if now - at > FORGET_AFTER]:
        del _looks[old]
    if key not in _looks or now - _looks[key][0] >= SECONDS_BETWEEN_LOOKS:
        look = asyncio.ensure_future(sync_to_async(_read_build)(*key))
        _looks[key] = (now, look)
    return await asyncio.shield(_looks[key][1])


def _read_build(dag_id: str, run_id: str, task_id: str) -> Build:
    states = RuntimeTaskInstance.get_task_states(
        dag_id=dag_id, task_ids=[task_id], run_ids=[run_id]
    )
    outcomes = BaseXCom.get_one(
        key=OUTCOMES, dag_id=dag_id, task_id=task_id, run_id=run_id
    )
    return Build(states.get(run_id, {}).get(task_id), outcomes or {})
