"""`clustering status`: the live version, the last runs, and what to do next."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum, auto
from typing import Annotated

import typer
from rich.console import Console

from clustering.cli.options import Config, Env, read_environment
from clustering.cli.screen import WIDE, new_console, new_table, say_moment
from clustering.core.environments import Environment
from clustering.core.errors import CommandError, PipelineError
from clustering.queries.metrics import read_metrics
from clustering.store.builds import (
    Build,
    CommandRun,
    find_unpublished,
    is_under_way,
    last_builds,
    last_command,
    last_commands,
    read_failures,
)
from clustering.store.integrity import find_damaged
from clustering.store.registry import Registry
from clustering.store.runs import current_run, live_version
from clustering.store.versions import Version, find_served, find_waiting, read_versions
from clustering.store.warehouse import BusyError

SHOWN = 8


class Format(StrEnum):
    """How to show the state."""

    text = auto()
    prometheus = auto()


def status(
    env: Env = None,
    config: Config = None,
    file_format: Annotated[
        Format,
        typer.Option("--format", help="For people, or figures for Prometheus."),
    ] = Format.text,
) -> None:
    """Show the live version, the last runs and how they ended, and what to do next."""
    environment = read_environment(env, config)
    if file_format is Format.prometheus:
        typer.echo(read_metrics(environment.paths), nl=False)
        return
    console = new_console()
    versions = read_versions(environment.paths.published)
    _show_readers(environment, versions, console=console)
    builds = last_builds(Registry(environment.paths.registry), most=SHOWN)
    if is_under_way(environment.paths):
        run = last_command(environment.paths)
        by = f", in process {run.process}" if run else ""
        _say(console, f"A run is under way{by}: wait for its end.")
        return
    try:
        todo = what_to_do(environment, builds, versions)
    except BusyError as busy:
        _say(
            console,
            "Another process has the warehouse open, most likely a build that is under"
            f" way: wait for its end. {busy.reason}",
        )
        return
    commands = last_commands(environment.paths, most=SHOWN)
    _show_builds(builds, commands, console=console)
    _show_versions(versions, console=console)
    for line in todo:
        _say(console, line)


def _show_readers(
    environment: Environment, versions: list[Version], *, console: Console
) -> None:
    is_live = live_version(environment.paths.published) is not None
    served = find_served(versions) if is_live else None
    if served is None:
        _say(console, f"Environment {environment.name}: nothing is published yet.")
        return
    why = f" ({served.reason})" if served.reason else ""
    since = say_moment(served.effective_from or served.created_at)
    _say(
        console,
        f"Environment {environment.name}: version {served.number} is live,"
        f" {served.run}, since {since}, approved by"
        f" {served.decided_by}{why}.",
    )


def _show_builds(
    builds: list[Build], commands: list[CommandRun], *, console: Console
) -> None:
    rows = sorted(_rows(builds, commands), reverse=True)[:SHOWN]
    if not rows:
        return
    table = new_table("Last runs")
    for name in ("started", "command", "state", "seconds", "started by", "tags"):
        table.add_column(
            name,
            justify="right" if name == "seconds" else "left",
            no_wrap=name not in ("started by", "tags"),
        )
    for started_at, shown in rows:
        table.add_row(say_moment(started_at), *shown)
    console.print(table)
    console.print()


def _show_versions(versions: list[Version], *, console: Console) -> None:
    if not versions:
        return
    is_wide = console.width >= WIDE
    table = new_table("Versions")
    for name in ("", "run", "state", "decided", "by", "why"):
        table.add_column(name, no_wrap=name in ("run", "state", "decided"))
    for version in versions[:SHOWN]:
        scenario = version.scenario and f"scenario {version.scenario}"
        table.add_row(
            str(version.number),
            # commands take either
            version.run if is_wide else version.run.partition("-")[2],
            version.state,
            say_moment(version.decided_at),
            version.decided_by,
            ": ".join(filter(None, (scenario, version.reason))),
        )
    console.print(table)
    console.print()


def _rows(
    builds: list[Build], commands: list[CommandRun]
) -> Iterator[tuple[datetime, list[str]]]:
    """Yield what is shown of each build, and of each run that failed before it."""
    for build in builds:
        seconds = "" if build.seconds is None else f"{build.seconds:.0f}"
        by, tags = build.started_by or "", " ".join(build.tags or [])
        shown = [f"dbt {build.command}", build.state, seconds, by, tags]
        yield build.started_at, shown
    for run in commands:
        if run.error and run.ended_at and not _has_build(run, builds):
            seconds = f"{(run.ended_at - run.started_at).total_seconds():.0f}"
            yield run.started_at, ["clustering run", "failed", seconds, "", ""]


def _has_build(run: CommandRun, builds: list[Build]) -> bool:
    """Return whether a build began during a run of the command."""
    return any(
        run.started_at <= build.started_at <= (run.ended_at or build.started_at)
        for build in builds
    )


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)


MOST_FAILURES = 8


def what_to_do(
    environment: Environment, builds: list[Build], versions: list[Version]
) -> list[str]:
    """Return lines that say what happened and what to do, if anything.

    Parameters
    ----------
    environment : Environment
        Where to look.
    builds : list of Build
        The last ones in its warehouse, the newest first.
    versions : list of Version
        All, the newest first.
    """
    lines = [
        *_after_damage(environment),
        *_after_builds(environment, builds),
        *_after_publishing(environment),
        *_for_versions(environment, versions),
    ]
    return [f"To do: {line}" for line in lines] or ["Nothing to do."]


def _after_damage(environment: Environment) -> list[str]:
    live = live_version(environment.paths.published)
    damaged = find_damaged(live.folder) if live else []
    if not damaged:
        return []
    return [
        f"{', '.join(damaged)} of the live version changed or disappeared since it was"
        f" published. Restore it: {environment.command('repair')}"
    ]


def _after_builds(environment: Environment, builds: list[Build]) -> list[str]:
    changes = [build for build in builds if build.command != "test"]
    if changes and changes[0].state == "failed":
        return [_after_failure(environment, changes[0])]
    try:
        unpublished = find_unpublished(
            environment.paths.warehouse, environment.paths.published
        )
    except PipelineError as error:
        return [_after_bad_build(environment, changes, str(error))]
    if unpublished:
        return [
            f"{unpublished} was built, complete and valid, and never published; the"
            f" live version stays. Publish it: {environment.command('publish')}"
        ]
    told = _after_command(environment, since=changes[0].started_at if changes else None)
    if told or changes:
        return told
    return [f"nothing was built yet; run: {environment.command('run')}"]


def _after_bad_build(environment: Environment, changes: list[Build], error: str) -> str:
    if changes and changes[0].state == "stopped":
        return _after_stop(changes[0].started_at, again=environment.command("run"))
    return error


def _after_command(environment: Environment, *, since: datetime | None) -> list[str]:
    """Say what became of the command's last run, unless dbt or Airflow built later."""
    run = last_command(environment.paths)
    if run is None or (since and since > run.started_at):
        return []
    again = environment.command(run.words)
    if not run.has_ended:
        return [_after_stop(run.started_at, again=again, scenario=run.scenario)]
    if run.error:
        return [
            f"the run of {say_moment(run.started_at)} failed, and the live version"
            f" stays: {run.error}. Correct that, then: {again}"
        ]
    return []


def _after_stop(
    started_at: datetime, *, again: str, scenario: str | None = None
) -> str:
    what = f"the run of {say_moment(started_at)}"
    if scenario:
        what += f" for the scenario {scenario}"
        again += f" --scenario {scenario}, with the settings that it had"
    return (
        f"{what} was stopped before its end; the live version stays. Run again: {again}"
    )


def _after_failure(environment: Environment, build: Build) -> str:
    run = last_command(environment.paths)
    is_of_run = run is not None and _has_build(run, [build])
    again = environment.command(run.words if run and is_of_run else "run")
    failures = read_failures(Registry(environment.paths.registry), build)
    lines = [
        f"\n  {kind} {name}: {' '.join((message or '').split())}"
        for kind, name, message in failures[:MOST_FAILURES]
    ]
    return (
        f"the run of {say_moment(build.started_at)} failed; the live version stays."
        f" Correct what is below, then: {again}{''.join(lines)}"
    )


def _after_publishing(environment: Environment) -> list[str]:
    """Check whether PostgreSQL has the same run as the files."""
    from clustering.store.postgres import find_loaded

    now = current_run(environment.paths.published)
    dsn = environment.publishing.postgres
    if not (dsn and now):
        return []
    try:
        loaded = find_loaded(dsn)
    except CommandError as error:
        return [str(error)]
    if loaded == now.run_id:
        return []
    has = f"has the run {loaded}" if loaded else "has nothing"
    load = environment.command(f"publish --run {now.name}")
    return [f"PostgreSQL {has}, the files have {now.name}. Load it: {load}"]


def _for_versions(environment: Environment, versions: list[Version]) -> list[str]:
    waiting = find_waiting(versions)
    if waiting is None:
        return []
    why = f" ({waiting.reason})" if waiting.reason else ""
    compare, approve = (
        environment.command(f"{verb} {waiting.run}") for verb in ("compare", "approve")
    )
    return [
        f"version {waiting.number} waits for a person{why}: {compare}, then {approve},"
        " or reject in its place"
    ]
