"""`clustering validate`: look at the configuration and the input, and run nothing."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from clustering.cli.options import Config, Env, read_environment
from clustering.core.settings import check_settings, read_settings


def validate(
    env: Env = None,
    config: Config = None,
    raw: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the input; that of the environment without it.",
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
        typer.Option("--only-config", help="Look at the configuration alone."),
    ] = False,
) -> None:
    """Check the configuration and the raw input, without running anything."""
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
    check_input(paths, settings=settings)
    for folder in paths.raw_folders:
        typer.echo(f"input in {folder}: good")
