"""`clustering seam`: what preprocessing hands over, as a folder of Parquet files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from clustering.cli.options import Config, Env, read_environment
from clustering.cli.screen import new_console
from clustering.presentation.words import count


class Engine(StrEnum):
    """What builds the tables."""

    DUCKDB = "duckdb"
    SPARK = "spark"


def seam(
    folder: Annotated[
        Path, typer.Argument(help="Folder to write to; it is made.", file_okay=False)
    ],
    env: Env = None,
    config: Config = None,
    engine: Annotated[
        Engine,
        typer.Option(
            help="duckdb writes the tables of the last build; spark builds them, from"
            " raw tables.",
        ),
    ] = Engine.DUCKDB,
) -> None:
    """Write the tables of preprocessing to a folder, for clustering run --seam."""
    environment = read_environment(env, config)
    if engine is Engine.SPARK:
        from clustering.core.spark import build_seam

        written = build_seam(
            environment.paths, folder.resolve(), settings=environment.vars
        )
    else:
        from clustering.store.seam import write_seam_of

        written = write_seam_of(environment.paths, folder.resolve())
    rows = sum(table.row_count for table in written.tables.values())
    new_console().print(
        f"wrote {count(len(written.tables), 'table')} with {count(rows, 'row')} of the"
        f" build {written.build_id} to {folder}",
        highlight=False,
        soft_wrap=True,
    )
