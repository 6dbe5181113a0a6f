"""Alert people when a run fails, is retried, or has findings.

A failed run sends one alert, and it comes from the task that failed: its callback runs
in the worker and knows the error. That of the DAG runs elsewhere, knows no error, and
of the failed tasks the last one: a task that watched a model. It speaks only where no
task did, such as when the triggerer lost one, so that no failed run is silent. The
tasks that watch have no callbacks, for each model that failed would send one.
"""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from airflow.sdk import BaseNotifier
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowException
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

from clustering.airflow.channels import Message
from clustering.airflow.deployment import environment
from clustering.airflow.run import ASKED
from clustering.airflow.watch import OUTCOMES
from clustering.core.environments import Environment
from clustering.core.errors import CommandError, SettingsError

LONGEST_SUBJECT, LONGEST_LINE = 120, 1000
KILLED = "the task ended without an error: its process was killed, or lost contact"
OTHERWISE = (
    "read the log, correct what it names, then clear the failed tasks of the run"
)
TODO = {
    "validate": "correct the input or the setting that the line names, then clear the"
    " failed tasks of the run",
    "build": "the log names the rows or the model; correct the input or the code, then"
    " clear the failed tasks of the run: what is not green is built again",
    "publish": "read the log; once its cause is gone, clear the task publish",
    "tell_findings": "nothing for readers: the new clusters are published; what may be"
    " odd in them was not looked for",
}
# A run keeps the values that the form had when it was started.
OF_THE_FORM = (
    "start another run, with that value corrected in the form: this one keeps the"
    " values that it was started with"
)
STAYS = "Until then the live version stays as it is."
REASONS = {
    "task_failure": "a task that shows a model failed by itself, not by the build",
    "all_tasks_deadlocked": "its tasks wait for one another",
}

Context = Mapping[str, Any]


class Alert(BaseNotifier):
    """Sends a message through every channel that has a connection.

    The connections are ``smtp_default``, whose mail goes to ``alerts.mail_to`` of
    configs/<environment>.yml, and ``slack_default``, an incoming webhook. Where none is
    set nothing is sent. A channel that fails is logged and hides neither the others
    nor the task's own error.

    Parameters
    ----------
    compose : callable
        Takes the context of the task or run, and returns the message, or None for none.
    """

    def __init__(
        self, compose: Callable[[Context], Message | None], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.compose = compose

    def render_template_fields(self, context: Context, jinja_env: Any = None) -> None:
        """Render nothing: an error may have braces that are no template's."""

    def notify(self, context: Context) -> None:
        """Compose the message and send it."""
        from clustering.airflow.channels import (
            send,  # Slack's library is slow to import
        )

        if message := self.compose(context):
            took = send(message, mail_to=_recipients(context))
            self.log.info("alert %r went to: %s", message.subject, took or "nobody")


def tell_of_failure(context: Context) -> Message:
    """Compose what is sent when a task has failed for good."""
    task, wrong = context["ti"], _reason(context)
    tries = _tries(task)
    if task.try_number <= (task.max_tries or 0):
        tries += ", not tried again: another try would end the same"
    todo = _todo(context)
    return Message(
        _subject(context, f"failed in {task.task_id}: {wrong}"),
        [wrong],
        {"where": f"task {task.task_id}, {tries}"}
        | _models(task)
        | _facts(context)
        | {"log": task.log_url},
        [f"{todo}."] if task.task_id == "tell_findings" else [f"{todo}.", STAYS],
    )


def tell_of_retry(context: Context) -> Message:
    """Compose what is sent when a task has failed and will be tried again."""
    task, wrong = context["ti"], _reason(context)
    return Message(
        _subject(context, f"{task.task_id} failed, will be tried again: {wrong}"),
        [wrong],
        {"where": f"task {task.task_id}, {_tries(task)}"}
        | _facts(context)
        | {"log": task.log_url},
        ["nothing yet; if the last attempt fails too, another alert says so."],
    )


def tell_of_failed_run(context: Context) -> Message | None:
    """Compose what is sent when a run has failed and none of its tasks told so."""
    dag, run_id = context["dag"], context["run_id"]
    telling = {task.task_id for task in dag.tasks if task.has_on_failure_callback}
    states = RuntimeTaskInstance.get_task_states(dag_id=dag.dag_id, run_ids=[run_id])
    failed = [name for name, state in states[run_id].items() if state == "failed"]
    if telling.intersection(failed):
        return None
    reason = context.get("reason")
    where = f"task {', '.join(sorted(failed)[:5])}" if failed else "no task"
    return Message(
        _subject(context, "failed"),
        [REASONS.get(reason, f"the run failed: {reason}")],
        {"where": where} | _facts(context),
        [f"{OTHERWISE}.", STAYS],
    )


def tell_of_findings(
    context: Context, *, kinds: Sequence[str], what: Sequence[str], todo: Sequence[str]
) -> Message:
    """Compose what is sent when published clusters are worth a warning."""
    return Message(
        _subject(context, f"published, with warnings: {', '.join(kinds)}"),
        what,
        {"where": "the published marts"} | _facts(context),
        todo,
    )


# For a DAG's default_args; a task that shows a model must set both to None.
TASK_ALERTS = {
    "on_failure_callback": Alert(tell_of_failure),
    "on_retry_callback": Alert(tell_of_retry),
}
# For the DAG itself.
RUN_ALERTS = {"on_failure_callback": Alert(tell_of_failed_run)}


def send_findings(context: Context, **found: Sequence[str]) -> None:
    """Send one alert with all that was found."""
    Alert(partial(tell_of_findings, **found))(context)


def _recipients(context: Context) -> list[str]:
    try:
        return Environment.read(_environment_name(context)).alerts.mail_to
    except SettingsError:  # which may be the very error to tell
        return environment().alerts.mail_to


def _environment_name(context: Context) -> str:
    return (context.get("params") or {}).get("environment") or environment().name


def _subject(context: Context, what: str) -> str:
    subject = f"[{_environment_name(context)}] {context['dag'].dag_id} {what}"
    return textwrap.shorten(subject, LONGEST_SUBJECT, placeholder=" ...")


def _reason(context: Context) -> str:
    error = context.get("exception")
    if error is None:
        return KILLED
    named = isinstance(error, CommandError | AirflowException)
    says = str(error) if named else f"{type(error).__name__}: {error}"
    return textwrap.shorten(says, LONGEST_LINE, placeholder=" ...")


def _todo(context: Context) -> str:
    """Say what to do; an invalid value of the form cannot be corrected in its run."""
    params, error = context.get("params") or {}, context.get("exception")
    asked = [name for name in ASKED if params.get(name) is not None]
    if isinstance(error, SettingsError) and any(name in str(error) for name in asked):
        return OF_THE_FORM
    return TODO.get(context["ti"].task_id, OTHERWISE)


def _tries(task: Any) -> str:
    return f"attempt {task.try_number} of {(task.max_tries or 0) + 1}"


def _models(task: Any) -> dict[str, str]:
    """Return which model failed first, where the task builds any."""
    outcomes = task.xcom_pull(task_ids=task.task_id, key=OUTCOMES) or {}
    failed = [model for model, outcome in outcomes.items() if outcome["wrong"]]
    if not failed:
        return {}
    more = f"; {len(failed) - 1} more failed or were left" if len(failed) > 1 else ""
    return {"model": failed[0].split(".")[2] + more}


def _facts(context: Context) -> dict[str, str]:
    dag_id, run_id = context["dag"].dag_id, context["run_id"]
    tags = (context.get("params") or {}).get("tags") or ["-"]
    base = conf.get("api", "base_url", fallback="http://localhost:8080").rstrip("/")
    return {
        "run": run_id,
        "tags": ", ".join(tags),
        "see": f"{base}/dags/{dag_id}/runs/{quote(run_id)}",
    }
