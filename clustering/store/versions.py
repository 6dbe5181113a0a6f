"""Versions: the decisions of people and the policy about published runs.

Every run that is published is a version. It is *created* with the copy of its marts,
*ready* where it meets the policy, *approved* when it goes live, or *rejected*; the
version before an approved one is *superseded*. What was decided stays in the registry,
a row per decision, also when the run itself is long gone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import takewhile
from pathlib import Path

from clustering.core.clock import now
from clustering.store.registry import Registry
from clustering.store.runs import RUNS, PublishedRun, current_run, kept_runs

CREATED, READY, APPROVED = "created", "ready", "approved"
REJECTED, SUPERSEDED = "rejected", "superseded"
WAITING = (CREATED, READY)
# Who decides where no person does, and why; what the quality gates found odd follows.
POLICY, MEETS = "policy", "meets the policy"
BUT = "; but "


@dataclass(frozen=True)
class Decision:
    """One decision about a published run.

    Parameters
    ----------
    run : str
        Name of the published run.
    state : str
        created, ready, approved or rejected.
    at : datetime
        When, in UTC.
    by : str
        A person, or ``policy``.
    reason : str
        Why; of a version that is not ready, what the policy wants of it.
    scenario : str or None
        Name of the scenario that the run was made for.
    """

    run: str
    state: str
    at: datetime
    by: str
    reason: str = ""
    scenario: str | None = None


@dataclass(frozen=True)
class Version:
    """A published run, and the last decision about it.

    Parameters
    ----------
    number : int
        From 1, in the order of creation.
    run : str
        Name of the published run.
    state : str
        created, ready, approved, rejected or superseded.
    created_at, decided_at : datetime
        When it was made, and when its state was decided, in UTC.
    decided_by, reason : str
        Who decided, and why.
    effective_from, effective_to : datetime or None
        When it last went live, and when another one did, in UTC.
    scenario : str or None
        Name of the scenario that it was made for.
    """

    number: int
    run: str
    state: str
    created_at: datetime
    decided_at: datetime
    decided_by: str
    reason: str = ""
    effective_from: datetime | None = None
    effective_to: datetime | None = None
    scenario: str | None = None

    def run_in(self, published: Path) -> PublishedRun:
        """Return the run, which may no longer be kept."""
        return PublishedRun((published / RUNS).resolve() / self.run)


def read_versions(published: Path) -> list[Version]:
    """Return all versions, the newest first."""
    current = current_run(published)
    if current not in kept_runs(published):  # a copy of the folder, without its links
        current = None
    return fold(read_decisions(published), current=current)


def find_version(published: Path, run: PublishedRun) -> Version:
    """Return the version that ``run`` is."""
    versions = read_versions(published)
    return next(version for version in versions if version.run == run.name)


def newest_version(published: Path) -> Version | None:
    """Return the newest version that is not a scenario; None if there is none."""
    versions = read_versions(published)
    return next((one for one in versions if not one.scenario), None)


def find_served(versions: Iterable[Version]) -> Version | None:
    """Return the live version; None where nothing is published."""
    return next((one for one in versions if one.state == APPROVED), None)


def find_waiting(versions: Sequence[Version]) -> Version | None:
    """Return the newest of ``versions``, the newest first, that waits for a person.

    No scenario waits, nor does a version that is older than the live one.
    """
    newer = takewhile(lambda one: one.state != APPROVED, versions)
    waiting = (one for one in newer if one.state in WAITING and not one.scenario)
    return next(waiting, None)


def oddities(version: Version) -> list[str]:
    """Return what was odd in a version that meets the policy all the same."""
    says, *odd = version.reason.split(BUT)
    return odd if version.decided_by == POLICY and says == MEETS else []


def find_scenario(published: Path, name: str) -> str:
    """Return the newest run of the scenario ``name``, or else ``name`` itself."""
    versions = read_versions(published)
    return next((one.run for one in versions if one.scenario == name), name)


def fold(
    decisions: Iterable[Decision], *, current: PublishedRun | None
) -> list[Version]:
    """Return the versions that decisions, in their order, lead to; newest first.

    The link ``current`` counts: its version is approved, also where a publisher was
    killed before it wrote so, or was of a time before there were versions.
    """
    versions: dict[str, Version] = {}
    for one in decisions:
        before = versions.get(one.run) or _created(one, number=len(versions) + 1)
        if one.state == APPROVED:
            _supersede(versions, at=one.at)
            before = replace(before, effective_from=one.at, effective_to=None)
        versions[one.run] = replace(
            before,
            state=one.state,
            decided_at=one.at,
            decided_by=one.by,
            reason=one.reason,
        )
    if current and _state(versions, current) != APPROVED:
        served = _served(current)
        before = versions.get(current.name) or _created(
            served, number=len(versions) + 1
        )
        _supersede(versions, at=served.at)
        versions[current.name] = replace(
            before, state=APPROVED, effective_from=served.at, effective_to=None
        )
    return sorted(versions.values(), key=lambda version: -version.number)


def read_decisions(published: Path) -> list[Decision]:
    """Return all decisions, in order."""
    rows = Registry.beside(published).read(
        "select run, state, at, by, reason, scenario from decisions"
        " order by decision_id"
    )
    return [
        Decision(
            row["run"],
            row["state"],
            datetime.fromisoformat(row["at"]),
            row["by"],
            row["reason"],
            row["scenario"],
        )
        for row in rows
    ]


def next_moment(published: Path) -> datetime:
    """Return the time in UTC; that of the last decision if the clock was set back."""
    decisions = read_decisions(published)
    return max([now(), *(one.at for one in decisions[-1:])])


def add_decisions(published: Path, decisions: Iterable[Decision]) -> None:
    """Record decisions, all or none; only one publisher may run at a time.

    A run that is live, without a decision about it, gets one before.
    """
    added = list(decisions)
    live = current_run(published)
    with Registry.beside(published).transaction() as connection:
        told = {run for (run,) in connection.execute("select run from decisions")}
        if live and live.name not in told | {one.run for one in added}:
            added = [_served(live), *added]
        connection.executemany(
            "insert into decisions (run, state, at, by, reason, scenario)"
            " values (:run, :state, :at, :by, :reason, :scenario)",
            [asdict(one) | {"at": one.at.isoformat()} for one in added],
        )


def _served(run: PublishedRun) -> Decision:
    return Decision(run.name, APPROVED, run.built_at, POLICY, "published")


def _state(versions: dict[str, Version], run: PublishedRun) -> str | None:
    found = versions.get(run.name)
    return found.state if found else None


def _created(decision: Decision, *, number: int) -> Version:
    return Version(
        number,
        decision.run,
        decision.state,
        created_at=decision.at,
        decided_at=decision.at,
        decided_by=decision.by,
        scenario=decision.scenario,
    )


def _supersede(versions: dict[str, Version], *, at: datetime) -> None:
    for name, version in versions.items():
        if version.state == APPROVED:
            versions[name] = replace(version, state=SUPERSEDED, effective_to=at)
