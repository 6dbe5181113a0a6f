"""`clustering publish`: what readers see, the last good build or a run before it."""

import os
from typing import Annotated

import typer
from rich.console import Console

from cli.paths import Paths

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
    keep: Annotated[int, typer.Option(help="Runs to keep.", min=1)] = 10,
) -> None:
    """Publish the last good build, or a run that was published before."""
    from serving.publish import restore
    from serving.runs import find_run

    paths = Paths.from_environment()
    console = Console(soft_wrap=True, highlight=False)
    if run is None:
        publish_build(paths, console=console, keep=keep)
    else:
        found = find_run(paths.published, run)
        restore(found, paths.published, postgres=os.environ.get(POSTGRES))
        _tell(found.name, paths, console=console)


def publish_build(paths: Paths, *, console: Console, keep: int = 10) -> None:
    """Publish what was built last, if it may be, and say so."""
    from serving.build_state import check_build
    from serving.publish import publish

    check_build(paths.warehouse)
    published = publish(
        paths.warehouse,
        paths.published,
        keep=keep,
        postgres=os.environ.get(POSTGRES),
    )
    _tell(published.name, paths, console=console)


def _tell(run: str, paths: Paths, *, console: Console) -> None:
    also = " and PostgreSQL" if os.environ.get(POSTGRES) else ""
    console.print(f"published {run} to {paths.published}{also}")
