"""Logging in at an identity provider: a real flow, in a real browser."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from clustering.core.errors import ArgumentError
from clustering.dashboard.login import TOKEN, make_token
from clustering.store.publish import publish
from clustering.store.versions import read_decisions
from tests.conftest import CLUSTERING, run_environment
from tests.dashboard.browser import Visitor, wait_until_healthy
from tests.postgres import free_port
from tests.provider import CLIENT, CLIENT_SECRET, provider
from tests.store.builds import build_again

SECRETS = """
[auth]
redirect_uri = "{dashboard}/oauth2callback"
cookie_secret = "thirty-two letters that nobody knows"
client_id = "{client}"
client_secret = "{secret}"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""
CONFIG = """
data_dir: {data}
approval: {{automatic: false, approvers: [Anna@stores.example]}}
"""


@contextmanager
def visit_logged_in(
    data: Path, browser: Browser, folder: Path, **person: object
) -> Iterator[Visitor]:
    """Log in as a person on the page Versions of a dashboard that answers others."""
    port = free_port()
    url = f"http://localhost:{port}"
    config = folder / "mine.yml"
    config.write_text(CONFIG.format(data=data))
    with provider(person) as issuer:
        settings = folder / ".streamlit" / "secrets.toml"
        settings.parent.mkdir()
        given = {"client": CLIENT, "secret": CLIENT_SECRET}
        settings.write_text(SECRETS.format(dashboard=url, provider=issuer, **given))
        command = [CLUSTERING, "dashboard", "--config", config, "--port", str(port)]
        with subprocess.Popen(
            [*command, "--host", "localhost"],
            env=run_environment(data),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as server:
            try:
                wait_until_healthy(f"{url}/_stcore/health", server)
                context = browser.new_context()
                visitor = Visitor(context.new_page(), url)
                visitor.open("versions")
                assert visitor.page.get_by_label("Reason").count() == 0
                visitor.page.get_by_role("button", name="Log in").click()
                visitor.page.wait_for_url(f"{url}/")
                visitor.open("versions")
                yield visitor
                context.close()
            finally:
                server.terminate()
                said = server.communicate()[0]
    assert "log in on the page" not in said  # no token


@pytest.fixture
def waiting(paths) -> None:
    """Publish a second version that awaits a decision."""
    build_again(paths, "b" * 32, days=1)
    publish(paths.warehouse, paths.published, automatic=False)


def test_who_has_logged_in_decides_under_that_name(paths, waiting, browser, tmp_path):
    mail = "anna@stores.example"
    with visit_logged_in(paths.data, browser, tmp_path, email=mail) as visitor:
        assert visitor.page.get_by_label("Your name").count() == 0
        assert visitor.page.get_by_label("Token", exact=True).count() == 0
        visitor.page.get_by_label("Reason").fill("agreed")
        visitor.page.get_by_role("button", name="Approve").click()
        visitor.page.get_by_text("Version 2 is live.").wait_for()
    decision = read_decisions(paths.published)[-1]
    assert (decision.by, decision.reason) == (mail, "agreed")


@pytest.mark.parametrize(
    "person",
    [
        {"email": "ben@stores.example"},
        {"email": "anna@stores.example", "email_verified": False},
    ],
)
def test_who_is_no_approver_may_not_decide(paths, waiting, browser, tmp_path, person):
    with visit_logged_in(paths.data, browser, tmp_path, **person) as visitor:
        assert "may not decide or correct" in visitor.text
        assert visitor.page.get_by_role("button", name="Approve").count() == 0


def test_a_token_that_can_be_guessed_is_refused(monkeypatch):
    monkeypatch.setenv(TOKEN, "short")
    with pytest.raises(ArgumentError, match="5 characters, expected 16 or more"):
        make_token()
    monkeypatch.setenv(TOKEN, "")
    made = {make_token()}
    monkeypatch.setenv(TOKEN, "")
    assert len({*made, make_token()}) == 2
