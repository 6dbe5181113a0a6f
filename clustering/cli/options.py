"""Options that several commands have."""

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clustering.core.environments import DEFAULT, Environment, environment_names
from clustering.core.errors import ArgumentError, CommandError

if TYPE_CHECKING:
    from clustering.store.runs import PublishedRun

Env = Annotated[
    str | None,
    typer.Option(
        "--env",
        help="An environment of configs/: its folders, settings and database; dev"
        " without it.",
        envvar="CLUSTERING_ENV",
        autocompletion=environment_names,
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config", help="A file like those of configs/, in the place of --env."
    ),
]
Run = Annotated[
    str | None,
    typer.Option(
        "--run",
        help="A kept run, by the beginning of its id or name; without it, the one that"
        " readers see.",
    ),
]


def read_environment(env: str | None, config: Path | None) -> Environment:
    """Return the environment that the options of a command name.

    Raises
    ------
    SettingsError
        If there is none of that name, or something in its file cannot be.
    """
    if config is not None:
        return Environment.read_file(config)
    return Environment.read(env or DEFAULT)


def find_published(environment: Environment, run: str | None) -> "PublishedRun":
    """Return a kept run, or the one that readers see.

    Raises
    ------
    ArgumentError
        If it matches no run that is kept, or several.
    CommandError
        If nothing is published yet.
    """
    from clustering.store.runs import current_run, find_run

    published = environment.paths.published
    found = find_run(published, run) if run else current_run(published)
    if found is None:
        raise CommandError(
            f"nothing is published yet in {published}; run:"
            f" {environment.command('run')}"
        )
    return found


def read_tags(tags: list[str]) -> tuple[str, ...]:
    """Check that every tag is KEY=VALUE, as in season=spring.

    Raises
    ------
    ArgumentError
        If one is not.
    """
    for tag in tags:
        if not all(tag.partition("=")):
            raise ArgumentError(f"got --tag {tag!r}, expected KEY=VALUE")
    return tuple(tags)


def user_name() -> str:
    """Return who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"user {os.getuid()}"
