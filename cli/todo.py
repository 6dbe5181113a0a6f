"""What is to be done: after a run that ended badly or not at all, or for a version."""

from datetime import datetime
from itertools import takewhile

from cli.environments import Environment
from cli.errors import CommandError
from cli.log import LoggedRun, last_run
from cli.options import option_of
from cli.screen import say_moment
from serving.registry import Build, find_unpublished, read_failures
from serving.runs import current_run
from serving.versions import APPROVED, CREATED, READY, Version

SHOWN = 8


def what_to_do(
    environment: Environment, builds: list[Build], versions: list[Version]
) -> list[str]:
    """Return lines that say what happened and what helps, or that all is well.

    Parameters
    ----------
    environment : Environment
        Where to look.
    builds : list of Build
        The last ones in its warehouse, the newest first.
    versions : list of Version
        All, the newest first.
    """
    option = option_of(environment)
    lines = [
        *_after_builds(environment, builds, option=option),
        *_after_publishing(environment, option=option),
        *_for_versions(versions, option=option),
    ]
    return lines or ["Nothing to do."]


def _after_builds(
    environment: Environment, builds: list[Build], *, option: str
) -> list[str]:
    run = last_run(environment.paths)
    if run and run.is_under_way:
        return [f"A run is under way, in process {run.process}: wait for its end."]
    changes = [build for build in builds if build.command != "test"]
    if changes and changes[0].state == "failed":
        return _after_failure(environment, changes[0], option=option)
    unpublished = find_unpublished(
        environment.paths.warehouse, environment.paths.published
    )
    if unpublished:
        return [
            f"To do: {unpublished} was built, whole and good, and never published;"
            f" readers keep what they had. Publish it: clustering publish{option}"
        ]
    if changes and changes[0].state == "stopped":
        return _after_stop(changes[0].started_at, option=option)
    # what came later was by dbt, or by Airflow
    if run and not (changes and changes[0].started_at > run.started_at):
        if not run.has_ended:
            return _after_stop(run.started_at, option=option, scenario=run.scenario)
        if run.error:
            return [_after_error(run, option=option)]
    if not changes:
        return [f"To do: nothing was built yet; run: clustering run{option}"]
    return []


def _after_stop(
    started_at: datetime, *, option: str, scenario: str | None = None
) -> list[str]:
    what = f"the run of {say_moment(started_at)}"
    if scenario:
        what += f" for the scenario {scenario}"
        option += f" --scenario {scenario}, with the settings that it had"
    return [
        f"To do: {what} was stopped before its end; readers keep what they had. Run"
        f" again: clustering run{option}"
    ]


def _after_error(run: LoggedRun, *, option: str) -> str:
    return (
        f"To do: the run of {say_moment(run.started_at)} failed, and readers keep what"
        f" they had: {run.error}. Mend it, then: clustering run{option}"
    )


def _after_failure(environment: Environment, build: Build, *, option: str) -> list[str]:
    lines = [
        f"  {kind} {name}: {' '.join((message or '').split())}"
        for kind, name, message in read_failures(environment.paths.warehouse, build)
    ]
    return [
        f"To do: the run of {say_moment(build.started_at)} failed; readers keep what"
        f" they had. Mend what is below, then: clustering run{option}",
        *lines[:SHOWN],
    ]


def _after_publishing(environment: Environment, *, option: str) -> list[str]:
    """Look whether PostgreSQL has what the files have."""
    from serving.postgres import find_loaded

    now = current_run(environment.paths.published)
    dsn = environment.publishing.postgres
    if not (dsn and now):
        return []
    try:
        loaded = find_loaded(dsn)
    except CommandError as error:
        return [f"To do: {error}"]
    if loaded == now.run_id:
        return []
    has = f"has the run {loaded}" if loaded else "has nothing"
    return [
        f"To do: PostgreSQL {has}, the files have {now.name}. Load it: clustering"
        f" publish --run {now.name}{option}"
    ]


def _for_versions(versions: list[Version], *, option: str) -> list[str]:
    """Tell of the newest version, unless readers have a newer one or it was tried."""
    newer = takewhile(lambda one: one.state != APPROVED, versions)
    waiting = (
        one for one in newer if one.state in (CREATED, READY) and not one.scenario
    )
    newest = next(waiting, None)
    if newest is None:
        return []
    return [
        f"To do: version {newest.number} waits for a person: clustering compare"
        f" {newest.run}{option}, then clustering approve or reject {newest.run}{option}"
    ]
