"""Messages about a run, and the channels that deliver them: Slack and mail."""

import html
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException

from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook
from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowNotFoundException,
    AirflowRuntimeError,
)
from slack_sdk.errors import SlackClientError


@dataclass(frozen=True)
class Message:
    """What people read.

    Parameters
    ----------
    subject : str
        One line: environment, DAG, and what.
    what : sequence of str
        What is wrong, a line each: the value found, the value wanted.
    facts : mapping
        Where, which run, where to look.
    todo : sequence of str
        What to do about it, a line each.
    """

    subject: str
    what: Sequence[str]
    facts: Mapping[str, str] = field(default_factory=dict)
    todo: Sequence[str] = ()

    @property
    def text(self) -> str:
        """All but the subject, in plain text."""
        facts = [f"{name:<6} {value}" for name, value in self.facts.items()]
        todo = [f"What to do: {self.todo[0]}", *self.todo[1:]] if self.todo else []
        blocks = (self.what, facts, todo)
        return "\n\n".join("\n".join(block) for block in blocks if block)


SLACK, MAIL = "slack_default", "smtp_default"
# What either library raises for a server that is away, refuses or answers nonsense, and
# for a connection whose fields cannot be.
BROKEN = (
    OSError,
    HTTPException,
    AirflowException,
    AirflowRuntimeError,
    SlackClientError,
    RuntimeError,
    ValueError,
)
# Airflow ends a task's process some 20 s after its task: a silent Slack leaves time for
# the mail.
SLACK_SECONDS = 5

log = logging.getLogger(__name__)


def send(message: Message, *, mail_to: Sequence[str]) -> list[str]:
    """Send through every channel that has a connection; return those that took it.

    One that fails is logged, and keeps the message from nobody else.
    """
    took = []
    for connection, deliver in ((SLACK, _post), (MAIL, _mail)):
        try:
            if _is_set(connection) and deliver(message, mail_to):
                took.append(connection)
        except BROKEN as error:
            log.error(
                "alert %r did not go out by connection %s: %s: %s",
                message.subject,
                connection,
                type(error).__name__,
                error,
            )
    return took


def _is_set(connection: str) -> bool:
    try:
        BaseHook.get_connection(connection)
    except AirflowNotFoundException:
        log.info("no alert by %s: not set, or not to be read", connection)
        return False
    return True


def _post(message: Message, _: Sequence[str]) -> bool:
    hook = SlackWebhookHook(slack_webhook_conn_id=SLACK, timeout=SLACK_SECONDS)
    subject, text = (
        html.escape(part, quote=False) for part in (message.subject, message.text)
    )
    hook.send(text=f"*{subject}*\n{text}", unfurl_links=False, unfurl_media=False)
    return True


def _mail(message: Message, mail_to: Sequence[str]) -> bool:
    if not mail_to:
        log.info("no alert by mail: alerts.mail_to names nobody")
        return False
    with SmtpHook(smtp_conn_id=MAIL) as hook:
        hook.send_email_smtp(
            to=list(mail_to),
            from_email=hook.from_email or mail_to[0],
            subject=message.subject,
            html_content=_page(message.text),
        )
    return True


def _page(text: str) -> str:
    """Return the text as HTML that looks like it; what Airflow sends is HTML only."""
    return f'<pre style="white-space: pre-wrap">{html.escape(text)}</pre>'
