"""`clustering init`, `validate` and `list-jobs`: what precedes a run."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from clustering.cli.options import Config, Env, read_environment
from clustering.cli.screen import new_console, new_table
from clustering.core.builds import list_jobs as read_jobs
from clustering.core.errors import CommandError
from clustering.core.paths import TEMPLATE
from clustering.core.settings import check_settings, read_settings


def init(
    folder: Annotated[
        Path, typer.Argument(help="Folder of the project; created if need be.")
    ] = Path(),
) -> None:
    """Create a project: models, seeds, settings and DAGs to edit."""
    if not TEMPLATE.exists():
        raise CommandError(
            "the command is that of a checkout, which is a project itself: work in"
            f" {TEMPLATE.parents[1]}"
        )
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder.resolve()} is a file, expected a folder")
    parts = sorted(part.name for part in TEMPLATE.iterdir())
    taken = [name for name in parts if (folder / name).exists()]
    if taken:
        raise CommandError(
            f"{folder.resolve()} has {taken[0]} already, and nothing was changed;"
            " choose another folder, or move it away"
        )
    for name in parts:
        shutil.copytree(TEMPLATE / name, folder / name)
    typer.echo(
        f"made a project in {folder.resolve()}: {', '.join(parts)}\n"
        "There, as the next step:\n"
        "  clustering minimal           what comes of it, in a minute\n"
        "  clustering run --raw FOLDER  clusters from your own four tables"
    )


def validate(
    env: Env = None,
    config: Config = None,
    raw: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the input; the environment's folder by default.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(help="A var of dbt_project.yml, as KEY=VALUE; may be repeated."),
    ] = None,
    only_config: Annotated[
        bool,
        typer.Option("--only-config", help="Check the configuration only."),
    ] = False,
) -> None:
    """Check the configuration and the raw input, without building anything."""
    from clustering.cli.input import show_input
    from clustering.core.validation import check_input

    environment = read_environment(env, config)
    settings = environment.vars | read_settings(param or [])
    paths = environment.paths
    if raw is not None:
        paths = replace(paths, internal=raw.resolve(), external=raw.resolve())
    check_settings(settings)
    typer.echo(f"configuration {environment.name}: good")
    if only_config:
        return
    for folder in paths.raw_folders:
        typer.echo(f"reading the input in {folder}")
    show_input(check_input(paths, settings=settings), new_console(width=80))
    for folder in paths.raw_folders:
        typer.echo(f"input in {folder}: good")


def list_jobs() -> None:
    """List the jobs that clustering run accepts."""
    table = new_table(heads=["job", "publishes", "builds"])
    for job in read_jobs():
        table.add_row(job.name, "yes" if job.publishes else "", job.description)
    new_console().print(table)
