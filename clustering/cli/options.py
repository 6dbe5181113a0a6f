"""Options shared by several commands."""

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
        help="Environment in configs/, with its folders, settings and database; dev"
        " by default.",
        envvar="CLUSTERING_ENV",
        autocompletion=environment_names,
    ),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", help="Path of an environment file, instead of --env."),
]
Run = Annotated[
    str | None,
    typer.Option(
        "--run",
        help="A published run, by the beginning of its id or name; the live version by"
        " default.",
    ),
]


def read_environment(env: str | None, config: Path | None) -> Environment:
    """Return the environment that the options of a command name.

    Its data folder is that of this process from then on: unexpected errors are logged
    there.

    Raises
    ------
    SettingsError
        If there is none of that name, or its file is invalid.
    """
    read = Environment.read_file(config) if config else Environment.read(env or DEFAULT)
    os.environ["DATA_DIR"] = str(read.paths.data)
    return read


def find_published(
    environment: Environment, run: str | None, *, models_only: bool = False
) -> "PublishedRun":
    """Return a published run; without a name, that of the live version.

    Parameters
    ----------
    environment : Environment
        Where it is published.
    run : str or None
        The beginning of its id or name.
    models_only : bool
        Whether one will do of which only the models are kept.

    Raises
    ------
    ArgumentError
        If it matches no published run, or several.
    CommandError
        If nothing is published yet.
    """
    from clustering.store.runs import current_run, find_models, find_run

    published = environment.paths.published
    find = find_models if models_only else find_run
    found = find(published, run) if run else current_run(published)
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


def name_of(by: str | None) -> str:
    """Return who decides: the user, unless a name is given.

    Raises
    ------
    ArgumentError
        If the name is empty.
    """
    if by is None:
        return user_name()
    if not by.strip():
        raise ArgumentError("got an empty --by, expected the name of who decides")
    return by.strip()


def user_name() -> str:
    """Return who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"user {os.getuid()}"
