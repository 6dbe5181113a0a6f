"""The `clustering` command."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.dashboard import dashboard
from cli.errors import ArgumentError, CommandError
from cli.export import export
from cli.paths import TABLES, Paths
from cli.publish import publish, publish_build
from cli.report import report
from cli.track import track

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="From a retailer's tables to store clusters that can be trusted.",
)


class Format(StrEnum):
    """File formats of the sample input."""

    parquet = "parquet"
    csv = "csv"


class Signal(StrEnum):
    """Sides of the sample input on which the planted segments show."""

    both = "both"
    internal = "internal"
    external = "external"
    none = "none"


def main() -> None:
    """Run the command; an error that a user can act on is one line."""
    try:
        app()
    except CommandError as error:
        typer.echo(f"Error: {error}", err=True)
        raise SystemExit(error.exit_code) from None


@app.command()
def generate(
    folder: Annotated[
        Path | None, typer.Option(help="Where to write; DATA_DIR/raw by default.")
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(help="Where to write the truth; DATA_DIR/truth by default."),
    ] = None,
    stores: Annotated[int, typer.Option(help="Number of stores.")] = 300,
    categories: Annotated[int, typer.Option(help="Number of categories.")] = 4,
    weeks: Annotated[int, typer.Option(help="Weeks of sales.")] = 26,
    skus: Annotated[int, typer.Option(help="SKUs per category.")] = 120,
    seed: Annotated[int, typer.Option(help="Same seed, same files.")] = 42,
    file_format: Annotated[
        Format, typer.Option("--format", help="File format.")
    ] = Format.parquet,
    separation: Annotated[
        float,
        typer.Option(help="How far apart the planted segments are; 0: not at all."),
    ] = 1.0,
    noise: Annotated[
        float, typer.Option(help="Spread of stores around their segment, 0.1 to 10.")
    ] = 1.0,
    imbalance: Annotated[
        float, typer.Option(help="Inequality of segment sizes; at 1 one has most.")
    ] = 0.0,
    size_spread: Annotated[
        float, typer.Option(help="Spread of store sizes (log-normal sigma), 0 to 3.")
    ] = 0.4,
    signal: Annotated[
        Signal, typer.Option(help="Where the segments show; none is pure noise.")
    ] = Signal.both,
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Only where the folder has no input.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace tables that are there.")
    ] = False,
) -> None:
    """Make sample input: four tables with planted clusters and a little dirt."""
    from cli.sample import write_sample

    paths = Paths.from_environment()
    console = _console()
    folder = folder or paths.raw
    tables = [path for name in TABLES for path in folder.glob(f"{name}*")]
    if tables and if_empty:
        console.print(f"using the input in {folder}", highlight=False)
        return
    if tables and not overwrite:
        raise CommandError(
            f"{folder} has {tables[0].name} already; give --overwrite to replace it,"
            " or --folder to write elsewhere"
        )
    try:
        summary = write_sample(
            folder,
            truth=truth or paths.truth,
            stores=stores,
            categories=categories,
            weeks=weeks,
            skus=skus,
            seed=seed,
            format=file_format.value,
            separation=separation,
            noise=noise,
            imbalance=imbalance,
            size_spread=size_spread,
            signal=signal.value,
            progress=lambda message: console.print(f"  {message}", highlight=False),
        )
    except ValueError as error:
        raise ArgumentError(str(error)) from None
    console.print(
        f"wrote {summary.internal_sales:,} rows of sales for {stores:,} stores"
        f" to {folder}",
        highlight=False,
    )


app.command()(publish)
app.command()(export)
app.command()(report)
app.command()(dashboard)
app.command()(track)


@app.command()
def run(
    raw: Annotated[
        Path | None,
        typer.Option(
            help="Folder of internal_sales, need_state, store_attributes and, where"
            " there is one, external_sales; DATA_DIR/raw by default.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            help="A var of dbt_project.yml for this run, as KEY=VALUE; may be repeated."
        ),
    ] = None,
) -> None:
    """Build, test and publish the clusters, and print them."""
    from cli.pipeline import BuildReport, build
    from cli.settings import read_settings
    from cli.show import show_categories

    paths = Paths.from_environment()
    console = _console()
    settings = read_settings(param or [])
    # what Airflow built is no longer what is there
    paths.record.unlink(missing_ok=True)
    report = BuildReport(console)
    with report.progress:
        build(paths, raw=raw, settings=settings, listeners=[report.notice])
    report.summarise()
    publish_build(paths)
    console.print()
    show_categories(paths, console=console)
    console.print(_next_steps(paths), highlight=False, soft_wrap=True)


@app.command()
def show(
    category: Annotated[
        str | None, typer.Argument(help="Show this category's clusters.")
    ] = None,
) -> None:
    """Print the clusters of the last good run."""
    from cli.show import show_categories, show_clusters

    paths = Paths.from_environment()
    if category is None:
        show_categories(paths, console=_console())
    else:
        show_clusters(paths, category, console=_console())


def _console() -> Console:
    """Return a console; where output is no terminal, wide enough for the tables."""
    width = None if Console().is_terminal else 110
    # names of the input are shown as they are
    return Console(width=width, markup=False, emoji=False)


def _next_steps(paths: Paths) -> str:
    database = paths.database
    if database.is_relative_to(Path.cwd()):
        database = database.relative_to(Path.cwd())
    return (
        "Where to look next:\n"
        "  .venv/bin/clustering show CATEGORY   the clusters of a category, by name\n"
        "  make dashboard                       all of it in the browser\n"
        "  .venv/bin/clustering report          the same as one file, to mail\n"
        f"  {database}   the marts, for BI tools:\n"
        "    store_clusters      the cluster of every store in every category\n"
        "    cluster_profiles    what sets each cluster apart\n"
        "    store_reasons       why each store is where it is\n"
        "    k_selection         every k that was tried, and why one was chosen\n"
        "    quarantined_rows    the input rows that were not used, and why"
    )


if __name__ == "__main__":
    main()
