"""Publish by the policy and gates of an environment, for the command and Airflow."""

from functools import partial
from pathlib import Path

from clustering.core.clock import today
from clustering.core.environments import Environment
from clustering.queries.gates import find_unmet
from clustering.queries.quality_gates import find_crossed
from clustering.store.publish import publish
from clustering.store.runs import current_run
from clustering.store.versions import Version, find_version


def publish_build(
    environment: Environment,
    *,
    warehouse: Path | None = None,
    keep: int | None = None,
    check: bool = True,
    scenario: str | None = None,
) -> Version:
    """Publish the last build as a new version, live once it is approved.

    Parameters
    ----------
    environment : Environment
        Its folders, approval policy and database.
    warehouse : Path or None
        Where it was built; the environment's warehouse if None.
    keep : int or None
        How many runs to keep; as configured if None.
    check, scenario : bool, str or None
        As in :func:`clustering.store.publish.publish`, which says what it raises.
    """
    paths, readers = environment.paths, environment.publishing
    crossed = partial(
        find_crossed,
        gates=environment.gates,
        before=current_run(paths.published),
        today=today(),
    )
    run = publish(
        warehouse or paths.warehouse,
        paths.published,
        keep=keep or readers.keep_runs,
        postgres=readers.postgres,
        readers=readers.readers,
        check=check,
        automatic=environment.approval.automatic,
        policy=lambda version: [
            *find_unmet(version, environment.approval),
            *crossed(version, action="block"),
        ],
        warnings=partial(crossed, action="warn"),
        scenario=scenario,
    )
    return find_version(paths.published, run)


def say_waiting(environment: Environment, version: Version) -> str:
    """Say why a version is not live, and what to do about it."""
    why = (
        f"it is the scenario {version.scenario}"
        if version.scenario
        else {
            "created": version.reason,
            "ready": "a person approves versions here",
            "rejected": f"{version.decided_by} rejected it: {version.reason}",
            "superseded": "another version replaced it; a person may restore it",
        }[version.state]
    )
    return (
        f"version {version.number}, {version.run}, is {version.state}, not"
        f" live: {why}\n"
        f"  {environment.command(f'compare {version.run}')}\n"
        f"  {environment.command(f'approve {version.run}')}"
    )
