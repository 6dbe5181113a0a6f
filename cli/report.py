"""`clustering report`: a published run as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from cli.errors import CommandError, SettingsError
from cli.paths import Paths


def report(
    output: Annotated[
        Path | None,
        typer.Option(
            help="The file, or a folder for it; DATA_DIR/reports/<run>.html by default."
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(help="A kept run, by the beginning of its id or name."),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(help="Only this category; may be repeated."),
    ] = None,
) -> None:
    """Write the clusters as one HTML file, to mail and to keep."""
    from serving.runs import current_run, find_run

    paths = Paths.from_environment()
    found = find_run(paths.published, run) if run else current_run(paths.published)
    if found is None:
        raise CommandError(
            f"nothing is published yet in {paths.published}; run: clustering run"
        )
    file = output or paths.data / "reports"
    if output is None or output.is_dir():
        file /= f"{found.name}.html"
    try:
        from dashboard.report.write import choose_categories, write_report
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"the report needs {error.name}, which is not installed; run:"
            " make .venv/dashboard"
        ) from None
    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    categories = choose_categories(found, category)
    done = iter(track(categories, "drawing", console=console, transient=True))
    next(done)
    write_report(
        found,
        file,
        categories=categories,
        notice=lambda _: next(done, None),
    )
    console.print(f"wrote {file} ({file.stat().st_size / 1e6:,.1f} MB)")
