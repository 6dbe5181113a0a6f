"""Alerts: what arrives, by mail and by Slack, when a run fails or is tried again."""

import logging
import re
from datetime import timedelta
from itertools import count
from urllib.parse import quote

import pytest
from airflow.sdk import DAG, task
from airflow.sdk.exceptions import AirflowFailException

from clustering.airflow.alerts import TASK_ALERTS, Alert, tell_of_failed_run
from clustering.airflow.channels import Message, send
from clustering.airflow.watch import OUTCOMES, Outcome, WatchModel
from clustering.core.errors import PipelineError, SettingsError
from tests.airflow.conftest import (
    free_port,
    set_mail_connection,
    set_slack_connection,
)

WRONG = "not_null_x_y: Got 3 results, configured to fail if != 0; see LOG"
TEAM = ["team@example.com"]
dag_numbers = count()


@pytest.fixture(autouse=True)
def recipients(monkeypatch):
    """Let the mails of staging go to the team."""
    monkeypatch.setenv("ALERT_MAIL_TO", TEAM[0])
    monkeypatch.delenv("CLUSTERING_ENV", raising=False)


def dag_with_alerts(**kwargs) -> DAG:
    return DAG(
        f"alerting_{next(dag_numbers)}",
        schedule=None,
        params={"environment": "staging", "tags": ["trial", "season=spring"]},
        default_args={"retry_delay": timedelta(0)} | TASK_ALERTS,
        **kwargs,
    )


def text_of(mail) -> str:
    page = mail.get_body(("html",)).get_content()
    return re.search("<pre[^>]*>(.*)</pre>", page, re.DOTALL)[1]


# --- Channels -------------------------------------------------------------------------


def test_a_message_goes_to_both_channels(mailbox, slack):
    message = Message(
        "[dev] a failed", ["3 < 4 & {{ 5 }}"], {"where": "task b"}, ["correct it."]
    )
    assert send(message, mail_to=["a@example.com", "b@example.com"]) == [
        "slack_default",
        "smtp_default",
    ]
    (mail,) = mailbox.mails
    assert mail["Subject"] == "[dev] a failed"
    assert mail["To"] == "a@example.com, b@example.com"
    assert text_of(mail) == (
        "3 &lt; 4 &amp; {{ 5 }}\n\nwhere  task b\n\nWhat to do: correct it."
    )
    assert slack.texts == [
        "*[dev] a failed*\n"
        "3 &lt; 4 &amp; {{ 5 }}\n\nwhere  task b\n\nWhat to do: correct it."
    ]


def test_without_connections_nothing_is_sent_and_nothing_is_wrong(caplog):
    caplog.set_level(logging.INFO)
    assert send(Message("subject", ["text"]), mail_to=TEAM) == []
    assert [record.levelname for record in caplog.records] == ["INFO", "INFO"]
    assert "no alert by smtp_default: not set, or not to be read" in caplog.text


def test_without_recipients_no_mail_is_sent(mailbox, slack):
    assert send(Message("subject", ["text"]), mail_to=[]) == ["slack_default"]
    assert mailbox.mails == []


@pytest.mark.parametrize(
    ("extra", "sender"),
    [({}, TEAM[0]), ({"from_email": "airflow@example.com"}, "airflow@example.com")],
)
def test_the_sender_is_the_connections_or_else_the_recipient(
    mailbox, monkeypatch, extra, sender
):
    set_mail_connection(monkeypatch, port=mailbox.port, **extra)
    send(Message("subject", ["text"]), mail_to=TEAM)
    assert mailbox.mails[0]["From"] == sender


def test_a_slack_that_refuses_does_not_keep_the_mail_back(mailbox, slack, caplog):
    slack.status = 500
    assert send(Message("subject", ["text"]), mail_to=TEAM) == ["smtp_default"]
    assert len(mailbox.mails) == 1
    assert "'subject' did not go out by connection slack_default" in caplog.text
    assert "Status Code: 500" in caplog.text


def test_a_slack_that_is_away_does_not_keep_the_mail_back(mailbox, monkeypatch, caplog):
    set_slack_connection(monkeypatch, port=free_port())
    assert send(Message("subject", ["text"]), mail_to=TEAM) == ["smtp_default"]
    assert "Connection refused" in caplog.text


def test_a_mail_server_that_is_away_does_not_keep_slack_back(
    slack, monkeypatch, caplog
):
    set_mail_connection(monkeypatch, port=free_port())
    assert send(Message("subject", ["text"]), mail_to=TEAM) == ["slack_default"]
    assert len(slack.texts) == 1
    assert "by connection smtp_default: ConnectionRefusedError" in caplog.text


def test_a_mail_server_that_refuses_is_logged(mailbox, slack, caplog):
    mailbox.refuses = True
    assert send(Message("subject", ["text"]), mail_to=TEAM) == ["slack_default"]
    assert "SMTPDataError: (552, b'mailbox full')" in caplog.text


# --- Runs that fail -------------------------------------------------------------------


def test_a_failed_build_sends_one_alert_with_its_line_and_model(
    run_dag, mailbox, slack
):
    with dag_with_alerts() as dag:

        @task(task_id="build", retries=1)
        def build(*, ti=None):
            outcomes = {
                "model.store_clustering.fine": Outcome(wrong=None, at=1),
                "model.store_clustering.x": Outcome(wrong=WRONG, at=2),
                "model.store_clustering.after": Outcome(wrong="did not run", at=3),
            }
            ti.xcom_push(key=OUTCOMES, value=outcomes)
            raise AirflowFailException(WRONG)

        @task(task_id="publish")
        def publish(): ...

        build() >> publish()

    run = run_dag(dag)
    assert run.state == "failed"
    (mail,), (text,) = mailbox.mails, slack.texts
    subject = f"[staging] {dag.dag_id} failed in build: {WRONG}"
    assert mail["Subject"] == subject
    assert mail["To"] == TEAM[0]
    assert text == f"*{subject}*\n{text_of(mail)}"
    link = f"http://127.0.0.1:8080/dags/{dag.dag_id}/runs/{quote(run.run_id)}"
    assert text_of(mail).splitlines() == [
        WRONG,
        "",
        "where  task build, attempt 1 of 2, not tried again: another try would end"
        " the same",
        "model  x; 1 more failed or were left",
        f"run    {run.run_id}",
        "tags   trial, season=spring",
        f"see    {link}",
        f"log    {link}/tasks/build?try_number=1",
        "",
        "What to do: the log names the rows or the model; correct the input or the"
        " code, then clear the failed tasks of the run: what is not green is built"
        " again.",
        "Until then the live version stays as it is.",
    ]


@pytest.mark.parametrize(
    ("asked", "todo"),
    [
        (
            {"max_clusters": 2},
            "What to do: start another run, with that value corrected",
        ),
        ({}, "What to do: correct the input or the setting that the line names, then"),
    ],
)
def test_a_wrong_value_of_the_form_is_corrected_in_another_run(
    run_dag, slack, asked, todo
):
    with dag_with_alerts() as dag:

        @task(task_id="validate")
        def validate():
            raise SettingsError("got max_clusters=2 with min_clusters=5")

        validate()

    dag.params.update(asked)
    assert run_dag(dag).state == "failed"
    assert todo in slack.texts[0]


def test_a_retry_is_told_and_so_is_the_last_attempt(run_dag, slack):
    with dag_with_alerts() as dag:

        @task(task_id="build", retries=1)
        def build():
            raise PipelineError("model x: out of memory")

        build()

    assert run_dag(dag).state == "failed"
    first, last = slack.texts
    assert "build failed, will be tried again: model x: out of memory*" in first
    assert "where  task build, attempt 1 of 2\n" in first
    assert "failed in build: model x: out of memory*" in last
    assert "where  task build, attempt 2 of 2\n" in last


def test_an_error_that_is_not_ours_is_named(run_dag, slack):
    with dag_with_alerts() as dag:

        @task(task_id="publish")
        def publish():
            raise OSError(28, "No space left on device")

        publish()

    run_dag(dag)
    (text,) = slack.texts
    assert "\nOSError: [Errno 28] No space left on device\n" in text


@pytest.mark.parametrize("tells", [True, False])
def test_a_failed_run_is_told_where_none_of_its_tasks_did(run_dag, slack, tells):
    """The callback of a DAG gets an Airflow that it can ask in a task alone, here."""
    silent = {"on_failure_callback": None}
    with dag_with_alerts() as dag:

        @task(task_id="watches", **({} if tells else silent))
        def watch():
            raise AirflowFailException("the triggerer lost me")

        @task(trigger_rule="all_done")
        def end_run(*, params=None, run_id=None):
            told = {"dag": dag, "run_id": run_id, "params": params}
            Alert(tell_of_failed_run)(told | {"reason": "task_failure"})

        watch() >> end_run()

    run_dag(dag)
    (text,) = slack.texts
    if tells:
        assert text.startswith(f"*[staging] {dag.dag_id} failed in watches: the")
    else:
        assert text.startswith(f"*[staging] {dag.dag_id} failed*\na task that shows")
        assert "where  task watches\n" in text


def test_a_long_line_is_cut_in_the_subject_only(run_dag, mailbox):
    line = "the column of a table " * 20
    with dag_with_alerts() as dag:

        @task(task_id="validate")
        def validate():
            raise AirflowFailException(line)

        validate()

    run_dag(dag)
    (mail,) = mailbox.mails
    assert len(mail["Subject"]) <= 120
    assert mail["Subject"].endswith(" ...")
    assert text_of(mail).startswith(line.strip())


def test_a_run_that_succeeds_tells_nothing(run_dag, mailbox, slack):
    with dag_with_alerts() as dag:

        @task
        def publish(): ...

        publish()

    assert run_dag(dag).state == "success"
    assert mailbox.mails == slack.texts == []


def test_a_settings_file_that_is_wrong_does_not_silence_its_alert(
    run_dag, mailbox, slack
):
    """The environment of the deployment, dev, says who gets it."""
    with dag_with_alerts() as dag:

        @task
        def validate():
            raise AirflowFailException("no environment 'test' in configs")

        validate()

    run_dag(dag, environment="test")
    assert slack.texts[0].startswith(f"*[test] {dag.dag_id} failed in validate: no")
    assert len(mailbox.mails) == 1


def test_tasks_that_show_a_model_send_none():
    with dag_with_alerts():
        watch = WatchModel(task_id="x", model="model.a.x", build_task_id="build")
    assert not watch.has_on_failure_callback
    assert not watch.has_on_retry_callback
