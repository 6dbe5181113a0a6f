"""`clustering status`: what readers have, what waits, what ran, and what to do."""

from rich.console import Console
from rich.table import Table

from clustering.cli.options import Config, Env, read_environment
from clustering.cli.screen import new_console, say_moment
from clustering.cli.todo import what_to_do
from clustering.core.environments import Environment
from clustering.store.builds import Build, last_builds
from clustering.store.commands import is_under_way, last_command
from clustering.store.registry import Registry
from clustering.store.versions import Version, find_served, read_versions
from clustering.store.warehouse import BusyError

SHOWN = 8


def status(env: Env = None, config: Config = None) -> None:
    """Say what readers have, what ran last, how it ended, and what to do about it."""
    environment = read_environment(env, config)
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
    _show_builds(builds, console=console)
    _show_versions(versions, console=console)
    for line in todo:
        _say(console, line)


def _show_readers(
    environment: Environment, versions: list[Version], *, console: Console
) -> None:
    served = find_served(versions)
    if served is None:
        _say(console, f"Environment {environment.name}: readers have nothing yet.")
        return
    why = f" ({served.reason})" if served.reason else ""
    _say(
        console,
        f"Environment {environment.name}: readers have version {served.number},"
        f" {served.run}, since {say_moment(served.effective_from)}, approved by"
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
            say_moment(build.started_at),
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
            say_moment(version.decided_at),
            version.decided_by,
            version.scenario or "",
            version.reason,
        )
    console.print(table)


def _seconds(build: Build) -> str:
    if build.finished_at is None:
        return ""
    return f"{(build.finished_at - build.started_at).total_seconds():.0f}"


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)
