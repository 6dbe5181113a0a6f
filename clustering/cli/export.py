"""`clustering export`, `report` and `track`: a published run, as files or in MLflow."""

import os
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich import progress
from rich.console import Console

from clustering.cli.options import Config, Env, Run, find_published, read_environment
from clustering.core.errors import CommandError
from clustering.core.extras import not_installed
from clustering.core.paths import Paths
from clustering.presentation.words import count


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
            help="xlsx: a workbook per category, with what each cluster sells, its"
            " stores and its profile; others: one file with a row per store and"
            " category.",
        ),
    ] = ExportFormat.xlsx,
    category: Annotated[str | None, typer.Option(help="Only this category.")] = None,
    cluster: Annotated[
        int | None,
        typer.Option(
            help="Only this cluster; a workbook still compares it with all clusters."
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
    """Yield the categories, with a progress bar on a terminal."""
    console = Console(stderr=True, markup=False, emoji=False)
    yield from progress.track(
        categories,
        description="writing workbooks",
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def report(
    output: Annotated[
        Path | None,
        typer.Option(
            help="The file, or a folder for it; DATA_DIR/reports/RUN.html by default."
        ),
    ] = None,
    run: Run = None,
    category: Annotated[
        list[str] | None,
        typer.Option(help="Only this category; may be repeated."),
    ] = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Write the clusters as one HTML file, to mail or to archive."""
    environment = read_environment(env, config)
    found = find_published(environment, run)
    file = output or environment.data_dir / "reports"
    if output is None or output.is_dir():
        file /= f"{found.name}.html"
    try:
        from clustering.export.report import choose_categories, write_report
    except ModuleNotFoundError as error:
        raise not_installed(
            "the report",
            str(error.name),
            extra="dashboard",
            in_checkout="make .venv/dashboard",
        ) from None
    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    categories = choose_categories(found, category)
    console.print(f"drawing {count(len(categories), 'category', 'categories')}")
    bar = progress.Progress(console=console, transient=True)
    with bar:
        drawing = bar.add_task("drawing", total=len(categories))

        def tell(category: str) -> None:
            bar.advance(drawing)
            console.print(f"  {category}")

        write_report(found, file, categories=categories, notice=tell)
    console.print(f"wrote {file} ({file.stat().st_size / 1e6:,.1f} MB)")


# Of MLflow, which has it in its documentation.
URI = "MLFLOW_TRACKING_URI"


def track(
    run: Run = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Log a published run to MLflow: its settings, scores and tables."""
    from clustering.export.tracking import log_run

    environment = read_environment(env, config)
    found = find_published(environment, run)
    uri, artifacts = _tracking(environment.paths)
    logged = log_run(found, uri=uri, artifacts=artifacts)
    done = "logged" if logged.is_new else "had been logged before:"
    where = uri if artifacts else f"MLflow of {URI}"
    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    console.print(f"{done} {found.name} as run {logged.mlflow_id} in {where}")


def _tracking(paths: Paths) -> tuple[str, Path | None]:
    """Return where runs go and, unless MLflow decides that, their tables."""
    # a password may stand in it: it is never shown
    if uri := os.environ.get(URI):
        return uri, None
    folder = paths.data / "tracking"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"cannot write to {folder}: {error.strerror}") from None
    return f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts"
