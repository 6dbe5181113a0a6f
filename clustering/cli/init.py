"""`clustering init`: create a project, for users of the wheel."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from clustering.core.errors import CommandError
from clustering.core.paths import TEMPLATE


def init(
    folder: Annotated[
        Path, typer.Argument(help="Where; it is made if it is not there.")
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
