"""Versions: what the policy and people decide, and which one is live."""

import re
from datetime import UTC, datetime
from functools import partial

import pytest

from clustering.core.environments import Approval
from clustering.core.errors import ArgumentError
from clustering.queries.gates import find_unmet
from clustering.store.publish import approve, publish, reject
from clustering.store.runs import current_run, kept_runs
from clustering.store.versions import (
    Decision,
    find_version,
    find_waiting,
    fold,
    read_decisions,
    read_versions,
)
from tests.store.builds import build_again, plant


def states(paths) -> list[str]:
    """Return the states of all versions, the oldest first."""
    return [version.state for version in reversed(read_versions(paths.published))]


def test_the_first_run_is_approved_by_the_policy(paths, small_run):
    [version] = read_versions(paths.published)
    assert (version.number, version.run) == (1, small_run.name)
    assert (version.state, version.decided_by) == ("approved", "policy")
    assert version.effective_to is None


def test_without_automatic_approval_the_live_version_stays(paths, small_run):
    build_again(paths, "b" * 32, days=1)
    run = publish(paths.warehouse, paths.published, automatic=False)
    assert states(paths) == ["approved", "ready"]
    assert current_run(paths.published).name == small_run.name
    version = approve(run.name, paths.published, by="anna", reason="looks right")
    assert (version.state, version.decided_by) == ("approved", "anna")
    assert version.reason == "looks right"
    assert states(paths) == ["superseded", "approved"]
    assert current_run(paths.published) == run
    before = read_versions(paths.published)[1]
    assert before.effective_to == version.effective_from


def test_a_rejected_version_is_served_to_nobody_even_when_built_again(paths, small_run):
    build_again(paths, "b" * 32, days=1)
    run = publish(paths.warehouse, paths.published, automatic=False)
    version = reject("bbbb", paths.published, by="anna", reason="too many")
    assert (version.state, version.reason) == ("rejected", "too many")
    # the same build, and the same clusters once more
    assert publish(paths.warehouse, paths.published) == run
    build_again(paths, "b" * 32, days=1)
    again = publish(paths.warehouse, paths.published)
    assert states(paths) == ["approved", "rejected", "created"]
    why = find_version(paths.published, again).reason
    assert why == "the same clusters were rejected by anna: too many"
    assert current_run(paths.published).name == small_run.name


def test_the_live_version_cannot_be_rejected(paths, small_run):
    with pytest.raises(ArgumentError, match=f"{small_run.name} is live: approve"):
        reject(small_run.name, paths.published, by="anna", reason="no")
    assert states(paths) == ["approved"]


def test_a_version_of_before_comes_back_and_is_effective_again(paths, small_run):
    build_again(paths, "b" * 32, days=1)
    publish(paths.warehouse, paths.published)
    back = approve(small_run.name, paths.published, by="anna")
    assert (back.number, back.state, back.effective_to) == (1, "approved", None)
    assert states(paths) == ["approved", "superseded"]
    # what a person brought back, the same build does not take away
    publish(paths.warehouse, paths.published)
    assert states(paths) == ["approved", "superseded"]


# Half of a hundred rows are of a category that nobody wants.
QUARANTINED = (
    "insert into marts.quarantined_rows (source_table, reason, row_count)"
    " values ('internal_sales', 'excluded_category', 50)"
)


@pytest.mark.parametrize(
    ("approval", "spoil", "why"),
    [
        (
            Approval(min_retention=0.9),
            "update marts.category_drift set stores_before = 8, stores_left = 0,"
            " stores_moved = 6, retention = 0.25",
            r"25% of the stores of .* keep their cluster, wanted 90% \(and 1 more\)",
        ),
        (
            Approval(min_stable_share=0.5),
            "update marts.cluster_quality set stable_cluster_count = 0",
            r"0% of the clusters of .* are firm, wanted 50% \(and 1 more\)",
        ),
        (
            Approval(max_quarantined_share=0.1),
            "update marts.input_reconciliation set rows_read = 100;"
            f"delete from marts.quarantined_rows; {QUARANTINED},"
            " ('internal_sales', 'duplicate', 10)",
            r"20\.0% of the sales rows are quarantined, wanted at most 10\.0%",
        ),
    ],
)
def test_what_does_not_meet_the_policy_waits_with_the_reason(
    paths, small_run, approval, spoil, why
):
    build_again(paths, "b" * 32, days=1, sql=spoil)
    policy = partial(find_unmet, approval=approval)
    run = publish(paths.warehouse, paths.published, policy=policy)
    version = find_version(paths.published, run)
    assert version.state == "created"
    assert re.fullmatch(why, version.reason)
    assert current_run(paths.published).name == small_run.name


def test_rows_that_are_left_out_on_purpose_do_not_count(paths):
    spoil = f"delete from marts.quarantined_rows; {QUARANTINED}"
    build_again(paths, "b" * 32, days=1, sql=spoil)
    policy = partial(find_unmet, approval=Approval(max_quarantined_share=0))
    run = publish(paths.warehouse, paths.published, policy=policy)
    assert find_version(paths.published, run).state == "approved"


def test_a_scenario_waits_for_a_person_whatever_it_meets(paths, small_run):
    build_again(paths, "b" * 32, days=1)
    run = publish(paths.warehouse, paths.published, scenario="larger")
    version = find_version(paths.published, run)
    assert (version.state, version.scenario) == ("ready", "larger")
    assert current_run(paths.published).name == small_run.name
    assert approve(run.name, paths.published, by="anna").scenario == "larger"


@pytest.mark.parametrize(
    ("decisions", "number"),
    [
        ("created", 1),
        ("created ready created rejected", 1),
        ("created created:tried", 1),
        ("created created approved", None),
        ("created approved created:tried", None),
        ("created approved created ready", 2),
    ],
)
def test_the_newest_waits_unless_it_was_tried_or_readers_have_a_newer_one(
    decisions, number
):
    at, told, made = datetime(2026, 11, 21, tzinfo=UTC), [], 0
    for decision in decisions.split():
        state, _, scenario = decision.partition(":")
        made += state == "created"
        one = Decision(f"run {made}", state, at, "anna", scenario=scenario or None)
        told.append(one)
    found = find_waiting(fold(told, current=None))
    assert (found and found.number) == number


def test_a_publisher_killed_before_it_wrote_the_decision_loses_nothing(paths):
    build_again(paths, "b" * 32, days=1)
    run = publish(paths.warehouse, paths.published)
    decisions = read_decisions(paths.published)
    assert decisions[-1].state == "approved"
    plant(
        paths,
        "delete from decisions"
        " where decision_id = (select max(decision_id) from decisions)",
    )
    # it is live all the same
    assert states(paths) == ["superseded", "approved"]
    publish(paths.warehouse, paths.published)
    assert len(read_decisions(paths.published)) == len(decisions)
    assert current_run(paths.published) == run


def test_runs_from_before_there_were_versions_are_known_by_the_link(paths):
    plant(paths, "delete from decisions")
    assert states(paths) == ["approved"]
    build_again(paths, "b" * 32, days=1)
    publish(paths.warehouse, paths.published)
    assert states(paths) == ["superseded", "approved"]


def test_versions_stay_when_their_runs_are_gone(paths):
    for number, run_id in enumerate("bcd", start=1):
        build_again(paths, run_id * 32, days=number)
        publish(paths.warehouse, paths.published, keep=1)
    assert len(kept_runs(paths.published)) == 2
    assert states(paths) == ["superseded"] * 3 + ["approved"]
