"""Versions: which one is live, and decisions about those that wait."""

import shutil
import subprocess
from functools import partial

import pandas as pd
import psycopg2
import pytest
from streamlit.testing.v1 import AppTest

from clustering.core.environments import Approval
from clustering.core.paths import Paths
from clustering.dashboard.approval import ALLOWED
from clustering.dashboard.login import TOKEN
from clustering.dashboard.published import ever_live
from clustering.queries import versions
from clustering.queries.comparison import retention
from clustering.queries.gates import find_unmet
from clustering.store.publish import approve, publish, reject
from clustering.store.runs import PublishedRun, current_run, kept_runs
from clustering.store.versions import find_version, read_decisions, read_versions
from tests.conftest import CLUSTERING, run_environment
from tests.dashboard.browser import (
    SECRET,
    give_token,
    serve,
    wait_until_healthy,
)
from tests.dashboard.conftest import visit
from tests.dashboard.runs import write_run
from tests.dashboard.test_states import said, show
from tests.postgres import free_port, postgres
from tests.store.builds import build_again, plant

# A third of the stores move, and the policy wants nine in ten to stay.
MOVE = """
    update marts.store_clusters set cluster_id = cluster_id % 2 + 1
    where right(store_id, 1) in ('0', '3', '6');
    update marts.cluster_migrations set movement = 'moved'
    where right(store_id, 1) in ('0', '3', '6');
    update marts.category_drift
    set stores_before = 9, stores_left = 0, stores_moved = 3, retention = 0.666667
"""
STRICT = partial(find_unmet, approval=Approval(min_retention=0.9))


@pytest.fixture
def waiting(paths: Paths) -> PublishedRun:
    """Publish a second version that does not meet the policy."""
    build_again(paths, "b" * 32, days=1, sql=MOVE)
    return publish(paths.warehouse, paths.published, policy=STRICT)


@pytest.fixture
def allowed(monkeypatch) -> None:
    monkeypatch.setenv(ALLOWED, "on")
    monkeypatch.setenv(TOKEN, SECRET)


def log_in(shown: AppTest, token: str = SECRET) -> AppTest:
    if [one.label for one in shown.text_input] != ["Token"]:
        return shown
    return shown.text_input[0].input(token).run()


def decide(shown: AppTest, button: str, *, by: str = "", why: str = "") -> AppTest:
    """Log in, fill in the form, and press a button of it."""
    shown = log_in(shown)
    shown.text_input[0].input(by)
    shown.text_input[1].input(why)
    [pressed] = [one for one in shown.button if one.label == button]
    return pressed.click().run()


def buttons(shown: AppTest) -> list[str]:
    return [one.label for one in shown.button]


def test_history_has_every_version_also_those_whose_run_is_gone(paths, waiting):
    approve(waiting.name, paths.published, by="anna", reason="agreed")
    shutil.rmtree(kept_runs(paths.published)[1].folder)
    kept = [run.name for run in kept_runs(paths.published)]
    history = versions.history(read_versions(paths.published), kept=kept)
    assert history["number"].tolist() == [2, 1]
    assert history["state"].tolist() == ["approved", "superseded"]
    assert history["decided_by"].tolist() == ["anna", "policy"]
    assert history["is_kept"].tolist() == [True, False]
    assert history["effective_to"][1] == history["effective_from"][0]
    assert history["effective_to"].isna().tolist() == [True, False]


def test_changes_are_those_of_the_stores_and_of_the_quality(paths, waiting):
    served = current_run(paths.published)
    changes = versions.changes(waiting, served)
    moved = retention(waiting, served).set_index("category")
    assert changes["retention"].is_monotonic_increasing
    assert changes["moved"].sum() > 0
    for row in changes.itertuples():
        assert row.moved == moved.loc[row.category, "moved"]
        there = waiting.read(
            "select cluster_count from cluster_quality where category = ?",
            [row.category],
        )
        assert row.cluster_count == row.served_cluster_count == there.iloc[0, 0]


def test_features_that_shifted_come_first_and_stable_ones_not_at_all(tmp_path):
    run = write_run(
        tmp_path / "run",
        feature_drift=pd.DataFrame(
            {
                "category": ["GIN", "GIN", "RUM", "RUM"],
                "feature": ["DRY", "PINK", "DARK", "WHITE"],
                "band": ["moved", "new", "shifted", "stable"],
                "psi": [0.2, None, 0.4, 0.01],
            }
        ),
    )
    shifted = versions.shifted_features(run)
    assert shifted["feature"].tolist() == ["DARK", "DRY", "PINK"]
    # the run is of before features had words: their own names are shown
    assert shifted["label"].tolist() == shifted["feature"].tolist()


def test_history_of_a_store_leaves_out_runs_that_were_never_live(
    paths, small_run, waiting
):
    assert [run.name for run in ever_live(paths.published)] == [small_run.name]
    approve(waiting.name, paths.published, by="anna")
    names = [run.name for run in ever_live(paths.published)]
    assert names == [waiting.name, small_run.name]


def test_approving_in_the_browser_makes_the_version_live(paths, waiting, browser):
    before = current_run(paths.published)
    variables = {"DASHBOARD_TOKEN": SECRET}
    with (
        postgres() as dsn,
        serve(paths.data, PUBLISH_POSTGRES_DSN=dsn, **variables) as url,
    ):
        for visitor in visit(url, browser):
            visitor.open("versions")
            assert visitor.metric("Live") == "Version 1"
            assert visitor.metric("Awaiting a decision") == "Version 2"
            assert find_version(paths.published, waiting).reason in visitor.text
            give_token(visitor)
            visitor.show("versions_waiting")
            visitor.page.get_by_label("Your name").fill("anna")
            visitor.page.get_by_label("Reason").fill("agreed with the planners")
            visitor.page.get_by_role("button", name="Approve").click()
            visitor.page.get_by_text("Version 2 is live.").wait_for()
            visitor.settle()
            assert visitor.metric("Live") == "Version 2"
            assert visitor.metric("Awaiting a decision") == "None"
            states = visitor.table(-1).set_index("Version")["State"]
            assert states.to_dict() == {"2": "approved", "1": "superseded"}
            visitor.show("versions_approved")
            visitor.go("Overview")
            assert "earlier run" not in visitor.text
        with psycopg2.connect(dsn) as connection:
            cursor = connection.cursor()
            cursor.execute("select run_id from store_clustering.run")
            assert cursor.fetchall() == [(waiting.run_id,)]
        connection.close()
    assert current_run(paths.published) == waiting != before
    decision = read_decisions(paths.published)[-1]
    assert (decision.run, decision.state) == (waiting.name, "approved")
    assert (decision.by, decision.reason) == ("anna", "agreed with the planners")


def test_rejecting_in_the_browser_leaves_the_live_version(paths, waiting, browser):
    before = current_run(paths.published)
    with serve(paths.data, DASHBOARD_TOKEN=SECRET) as url:
        for visitor in visit(url, browser):
            visitor.open("versions")
            give_token(visitor)
            visitor.page.get_by_label("Your name").fill("anna")
            visitor.page.get_by_label("Reason").fill("splits the airport stores")
            visitor.page.get_by_role("button", name="Reject").click()
            visitor.page.get_by_text("Version 2 was rejected.").wait_for()
            visitor.settle()
            assert "anna rejected it on" in visitor.text
            assert "splits the airport stores" in visitor.text
            assert visitor.table(-1)["State"].tolist()[0] == "rejected"
    version = find_version(paths.published, waiting)
    assert (version.state, version.decided_by) == ("rejected", "anna")
    assert current_run(paths.published) == before


def test_without_the_token_there_is_no_form(paths, waiting, browser):
    """The token is what the dashboard printed when it was started."""
    with subprocess.Popen(
        [CLUSTERING, "dashboard", "--port", str(port := free_port())],
        env=run_environment(paths.data),
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        token = server.stdout.readline().rpartition(" ")[2].strip()
        assert len(token) > 20
        url = f"http://127.0.0.1:{port}"
        wait_until_healthy(f"{url}/_stcore/health", server)
        for visitor in visit(url, browser):
            visitor.open("versions")
            for wrong in ("", "é", token[:-1], SECRET):
                give_token(visitor, wrong)
                assert visitor.page.get_by_label("Your name").count() == 0
                assert visitor.page.get_by_role("button", name="Approve").count() == 0
            give_token(visitor, token)
            assert visitor.page.get_by_label("Your name").count() == 1
            assert token not in visitor.page.url + visitor.text
        server.terminate()


def test_a_dashboard_that_answers_others_shows_the_command(paths, waiting, browser):
    command = (CLUSTERING, "dashboard", "--env", "staging")
    with serve(
        paths.data,
        *("--address", "0.0.0.0"),
        command=command,
        STAGING_DATA_DIR=str(paths.data),
    ) as url:
        for visitor in visit(url, browser):
            visitor.open("versions")
            assert "Approving is turned off" in visitor.text
            wanted = f"clustering approve {waiting.name} --reason 'WHY' --env staging"
            assert wanted in visitor.text
            assert visitor.page.get_by_label("Your name").count() == 0
            visitor.show("versions_read_only")


def test_a_superseded_version_is_restored(paths, waiting, small_run, allowed):
    approve(waiting.name, paths.published, by="anna")
    shown = show("Versions", paths.published)
    assert buttons(shown) == []  # the live version is chosen
    [box] = [one for one in shown.sidebar.selectbox if one.label == "Version"]
    shown = box.set_value("1").run()
    assert "Restore" in buttons(log_in(shown))
    assert "Reject" not in buttons(shown)
    shown = decide(shown, "Restore", by="ben", why="too many moves")
    assert not shown.exception
    [outcome] = shown.success
    assert "Version 1 is live" in outcome.value
    assert current_run(paths.published).name == small_run.name
    [decision] = read_decisions(paths.published)[-1:]
    assert (decision.by, decision.reason) == ("ben", "too many moves")


@pytest.mark.parametrize(
    ("button", "by", "why", "wanted"),
    [
        ("Approve", " ", "good", "Enter your name"),
        ("Reject", "anna", " ", "Enter a reason"),
    ],
)
def test_a_decision_without_author_or_reason_is_rejected(
    paths, waiting, allowed, button, by, why, wanted
):
    before = read_decisions(paths.published)
    shown = decide(show("Versions", paths.published), button, by=by, why=why)
    [error] = shown.error
    assert wanted in error.value
    assert shown.text_input[1].value == why
    assert read_decisions(paths.published) == before


def test_a_decision_about_a_version_decided_meanwhile_is_ignored(
    paths, waiting, allowed
):
    shown = log_in(show("Versions", paths.published))
    reject(waiting.name, paths.published, by="ben", reason="too many moves")
    shown = decide(shown, "Approve", by="anna")
    assert not shown.exception
    assert "ben rejected it" in " ".join(one.value for one in shown.markdown)
    assert find_version(paths.published, waiting).state == "rejected"


def test_a_database_that_refuses_is_one_clear_message(
    paths, waiting, allowed, monkeypatch
):
    monkeypatch.setenv("PUBLISH_POSTGRES_DSN", "postgresql://127.0.0.1:1/none")
    shown = decide(show("Versions", paths.published), "Approve", by="anna")
    [error] = shown.error
    assert "127" in error.value
    assert "Traceback" not in error.value


def test_a_first_version_can_be_approved_where_nothing_is_live(paths, allowed):
    shutil.rmtree(paths.published)
    plant(paths, "delete from decisions")
    run = publish(paths.warehouse, paths.published, automatic=False)
    shown = show("Versions", paths.published)
    assert "Nothing is live yet" in said(shown)
    shown = decide(shown, "Approve", by="anna", why="a first one")
    assert current_run(paths.published) == run


def test_other_pages_say_that_a_run_waits(paths, waiting):
    shown = show("Overview", paths.published)
    [box] = [one for one in shown.sidebar.selectbox if one.label == "Run"]
    assert [one.split(" ·")[0] for one in box.options] == [
        "Version 1, approved",
        "Version 2, created",
    ]
    shown = box.set_value(waiting.name).run()
    assert "Version 2 awaits a decision" in said(shown)
