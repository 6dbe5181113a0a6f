"""`clustering publish`: what readers see, the last good build or a run before it."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from cli.paths import Paths

if TYPE_CHECKING:
    from cli.environments import Publishing

# Connection string of the PostgreSQL database that gets the marts too.
POSTGRES = "PUBLISH_POSTGRES_DSN"


def publish(
    run: Annotated[
        str | None,
        typer.Option(
            help="Go back to this run, by the beginning of its id or name; without it,"
            " publish what was built last."
        ),
    ] = None,
    keep: Annotated[
        int | None, typer.Option(help="Runs to keep; 10 by default.", min=1)
    ] = None,
    env: Annotated[
        str | None,
        typer.Option(
            help="An environment of configs/, with its data folder and database;"
            f" without it, DATA_DIR and {POSTGRES}."
        ),
    ] = None,
) -> None:
    """Publish the last good build, or a run that was published before."""
    from cli.environments import Environment, Publishing

    if env is None:
        paths, readers = Paths.from_environment(), _readers()
    else:
        environment = Environment.read(env)
        paths, readers = environment.paths, environment.publishing
    if keep is not None:
        readers = Publishing(keep_runs=keep, postgres=readers.postgres)
    _publish(paths, readers, run=run)


def publish_build(paths: Paths) -> None:
    """Publish what was built last, if it may be, and say so."""
    _publish(paths, _readers(), run=None)


def _readers() -> "Publishing":
    from cli.environments import Publishing

    return Publishing(postgres=os.environ.get(POSTGRES))


def _publish(paths: Paths, readers: "Publishing", *, run: str | None) -> None:
    from serving.publish import publish, restore

    if run is None:
        published = publish(
            paths.warehouse,
            paths.published,
            keep=readers.keep_runs,
            postgres=readers.postgres,
        )
    else:
        published = restore(run, paths.published, postgres=readers.postgres)
    also = " and PostgreSQL" if readers.postgres else ""
    typer.echo(f"published {published.name} to {paths.published}{also}")
