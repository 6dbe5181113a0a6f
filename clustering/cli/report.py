"""`clustering report`: a published run as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from clustering.cli.options import Config, Env, Run, find_published, read_environment
from clustering.core.extras import not_installed


def report(
    output: Annotated[
        Path | None,
        typer.Option(
            help="The file, or a folder for it; DATA_DIR/reports/<run>.html by default."
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
    """Write the clusters as one HTML file, to mail and to keep."""
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
            error.name,
            extra="dashboard",
            in_checkout="make .venv/dashboard",
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
