"""`clustering status`: what readers have, what waits, what ran, and what to do."""

from datetime import datetime

from rich.console import Console
from rich.table import Table

from cli.environments import Environment
from cli.options import Config, Env, read_environment
from cli.screen import new_console
from serving.registry import Build, BusyError, last_builds, read_failures
from serving.versions import CREATED, READY, Version, read_versions

SHOWN = 8


def status(env: Env = None, config: Config = None) -> None:
    """Say what readers have, what ran last, how it ended, and what to do about it."""
    environment = read_environment(env, config)
    console = new_console()
    versions = read_versions(environment.paths.published)
    _show_readers(environment, versions, console=console)
    try:
        builds = last_builds(environment.paths.warehouse, most=SHOWN)
    except BusyError as busy:
        by = f", in process {busy.process}" if busy.process else ""
        _say(console, f"A run is under way{by}: wait for its end.")
        return
    _show_builds(builds, console=console)
    _show_versions(versions, console=console)
    for line in _what_to_do(environment, builds, versions):
        _say(console, line)


def _show_readers(
    environment: Environment, versions: list[Version], *, console: Console
) -> None:
    served = next((one for one in versions if one.state == "approved"), None)
    if served is None:
        _say(console, f"Environment {environment.name}: readers have nothing yet.")
        return
    why = f" ({served.reason})" if served.reason else ""
    _say(
        console,
        f"Environment {environment.name}: readers have version {served.number},"
        f" {served.run}, since {_moment(served.effective_from)}, approved by"
        f" {served.decided_by}{why}.",
    )


def _show_builds(builds: list[Build], *, console: Console) -> None:
    if not builds:
        return
    table = Table(title="Last runs", title_justify="left")
    for name in ("started", "command", "state", "seconds", "started by", "tags"):
        table.add_column(name, justify="right" if name == "seconds" else "left")
    for build in builds:
        table.add_row(
            _moment(build.started_at),
            f"dbt {build.command}",
            build.state,
            _seconds(build),
            build.started_by or "",
            " ".join(build.tags or []),
        )
    console.print(table)


def _show_versions(versions: list[Version], *, console: Console) -> None:
    if not versions:
        return
    table = Table(title="Versions", title_justify="left")
    for name in ("", "run", "state", "decided", "by", "scenario", "why"):
        table.add_column(name, no_wrap=name == "run")
    for version in versions[:SHOWN]:
        table.add_row(
            str(version.number),
            version.run,
            version.state,
            _moment(version.decided_at),
            version.decided_by,
            version.scenario or "",
            version.reason,
        )
    console.print(table)


def _what_to_do(
    environment: Environment, builds: list[Build], versions: list[Version]
) -> list[str]:
    option = "" if environment.name == "dev" else f" --env {environment.name}"
    lines = []
    changes = [build for build in builds if build.command != "test"]
    if not changes:
        lines.append(f"To do: nothing was built yet; run: clustering run{option}")
    elif changes[0].state == "stopped":
        lines.append(
            f"To do: the run of {_moment(changes[0].started_at)} was stopped before its"
            f" end; readers keep what they had. Run again: clustering run{option}"
        )
    elif changes[0].state == "failed":
        lines += _tell_failures(environment, changes[0], option=option)
    waiting = [one for one in versions if one.state in (CREATED, READY)]
    if waiting and not waiting[0].scenario:
        newest = waiting[0]
        lines.append(
            f"To do: version {newest.number} waits for a person: clustering compare"
            f" {newest.run}{option}, then clustering approve or reject {newest.run}"
            f"{option}"
        )
    return lines or ["Nothing to do."]


def _tell_failures(environment: Environment, build: Build, *, option: str) -> list[str]:
    lines = [
        f"  {kind} {name}: {' '.join((message or '').split())}"
        for kind, name, message in read_failures(environment.paths.warehouse, build)
    ]
    return [
        f"To do: the run of {_moment(build.started_at)} failed; readers keep what they"
        f" had. Mend what is below, then: clustering run{option}",
        *lines[:SHOWN],
    ]


def _seconds(build: Build) -> str:
    if build.finished_at is None:
        return ""
    return f"{(build.finished_at - build.started_at).total_seconds():.0f}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)
