"""`clustering seam`: what preprocessing hands over, as a folder of Parquet files."""

from pathlib import Path
from typing import Annotated

import typer

from clustering.cli.options import Config, Env, read_environment
from clustering.cli.screen import new_console
from clustering.presentation.words import count


def seam(
    folder: Annotated[
        Path, typer.Argument(help="Folder to write to; it is made.", file_okay=False)
    ],
    env: Env = None,
    config: Config = None,
) -> None:
    """Write the tables of preprocessing to a folder, for clustering run --seam."""
    from clustering.store.seam import write_seam_of

    environment = read_environment(env, config)
    written = write_seam_of(environment.paths, folder.resolve())
    rows = sum(table.row_count for table in written.tables.values())
    new_console().print(
        f"wrote {count(len(written.tables), 'table')} with {count(rows, 'row')} of the"
        f" build {written.build_id} to {folder}",
        highlight=False,
        soft_wrap=True,
    )
