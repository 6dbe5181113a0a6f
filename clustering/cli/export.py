"""`clustering export`: clusters as a file, or as a workbook per category."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from clustering.cli.options import Config, Env, Run, find_published, read_environment


class ExportFormat(StrEnum):
    """Formats that clusters are exported in."""

    xlsx = "xlsx"
    csv = "csv"
    json = "json"
    parquet = "parquet"


def export(
    file_format: Annotated[
        ExportFormat,
        typer.Option(
            "--format",
            help="xlsx is a workbook per category: what each cluster sells, its stores"
            " and its profile. The others are one file with a row per store and"
            " category.",
        ),
    ] = ExportFormat.xlsx,
    category: Annotated[str | None, typer.Option(help="Only this category.")] = None,
    cluster: Annotated[
        int | None,
        typer.Option(
            help="Only this cluster of the category; a workbook compares it with all."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="The file, or a folder for it; DATA_DIR/exports/RUN by default."
        ),
    ] = None,
    run: Run = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Write the clusters to files: workbooks, or one csv, json or parquet file."""
    from clustering.export.files import export_stores, export_workbooks
    from clustering.queries.selection import select

    environment = read_environment(env, config)
    published = find_published(environment, run)
    selection = select(published, category=category, cluster=cluster)
    output = output or environment.data_dir / "exports" / published.name
    if file_format is ExportFormat.xlsx:
        files = export_workbooks(
            published, selection, output=output, progress=_show_progress
        )
    else:
        format_name = file_format.value
        files = [
            export_stores(published, selection, file_format=format_name, output=output)
        ]
    if len(files) == 1:
        typer.echo(f"wrote {files[0]}")
    else:
        typer.echo(f"wrote {len(files)} workbooks to {files[0].parent}")


def _show_progress(categories: Iterable[str]) -> Iterator[str]:
    """Give the categories, with a bar where somebody watches."""
    console = Console(stderr=True, markup=False, emoji=False)
    yield from track(
        categories,
        description="writing workbooks",
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
