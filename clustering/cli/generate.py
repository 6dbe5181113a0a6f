"""`clustering generate` and `minimal`: sample input to try things with."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from clustering.cli.options import Config, Env, read_environment
from clustering.cli.screen import new_console
from clustering.core.builds import EVERYTHING, find_job
from clustering.core.contract import read_contract
from clustering.core.environments import Publishing
from clustering.core.errors import ArgumentError, CommandError
from clustering.core.mapping import Mapping
from clustering.core.paths import DBT_PROJECT

TINY: dict[str, Any] = {
    "stores": 60,
    "categories": 2,
    "weeks": 8,
    "skus": 40,
    "seed": 1,
}
QUICK = {"bootstrap_resamples": 5, "stability_resamples": 3, "max_clusters": 5}


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


class NoiseKind(StrEnum):
    """How stores of one segment of the sample input differ."""

    plain = "plain"
    lifelike = "lifelike"


def generate(
    folder: Annotated[
        Path | None, typer.Option(help="Where to write; DATA_DIR/raw by default.")
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            help="Where to write the planted clusters; DATA_DIR/truth by default."
        ),
    ] = None,
    stores: Annotated[int, typer.Option(help="Number of stores.")] = 300,
    categories: Annotated[int, typer.Option(help="Number of categories.")] = 4,
    weeks: Annotated[int, typer.Option(help="Weeks of sales.")] = 26,
    skus: Annotated[int, typer.Option(help="SKUs per category.")] = 120,
    seed: Annotated[
        int, typer.Option(help="Random seed: the same seed gives the same files.")
    ] = 42,
    file_format: Annotated[
        Format, typer.Option("--format", help="File format.")
    ] = Format.parquet,
    separation: Annotated[
        float,
        typer.Option(help="How far apart the planted segments are; 0: identical."),
    ] = 1.0,
    noise: Annotated[
        float, typer.Option(help="Spread of stores around their segment, 0.1 to 10.")
    ] = 1.0,
    imbalance: Annotated[
        float,
        typer.Option(help="Inequality of segment sizes; at 1, one has most stores."),
    ] = 0.0,
    size_spread: Annotated[
        float, typer.Option(help="Spread of store sizes (log-normal sigma), 0 to 3.")
    ] = 0.4,
    signal: Annotated[
        Signal, typer.Option(help="Side on which segments differ; none: pure noise.")
    ] = Signal.both,
    noise_kind: Annotated[
        NoiseKind,
        typer.Option(
            help="plain: similar need states; lifelike: a few large need states, local"
            " ranges, sampling noise."
        ),
    ] = NoiseKind.plain,
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Only if the folder has no input.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace existing tables.")
    ] = False,
    env: Env = None,
    config: Config = None,
) -> None:
    """Generate sample input: four tables with planted clusters and a few bad rows."""
    paths = read_environment(env, config).paths
    console = new_console()
    folder = folder or paths.raw
    names = [table.name for table in read_contract(DBT_PROJECT)]
    tables = [path for name in names for path in folder.glob(f"{name}*")]
    if tables and if_empty:
        console.print(f"using the input in {folder}", highlight=False)
        return
    if tables and not overwrite:
        raise CommandError(
            f"{folder} has {tables[0].name} already; give --overwrite to replace it,"
            " or --folder to write elsewhere"
        )
    from clustering.sample import write_sample

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
            noise_kind=noise_kind.value,
            progress=lambda message: console.print(f"  {message}", highlight=False),
        )
    except ValueError as error:
        raise ArgumentError(str(error)) from None
    console.print(
        f"wrote {summary.internal_sales:,} rows of sales for {stores:,} stores"
        f" to {folder}",
        highlight=False,
    )


def minimal(env: Env = None, config: Config = None) -> None:
    """Try it quickly: build and print tiny sample input, in a folder of its own."""
    from clustering.cli.run import Order
    from clustering.sample import write_sample

    environment = read_environment(env, config)
    folder = environment.data_dir / "minimal"
    apart = environment.model_copy(
        update={
            "data_dir": folder,
            "publishing": Publishing(keep_runs=1),
            "input": Mapping(),
        }
    )
    raw = apart.paths.raw
    write_sample(
        raw,
        truth=apart.paths.truth,
        format="parquet",
        progress=lambda message: None,
        **TINY,
    )
    order = Order(
        find_job(EVERYTHING),
        apart,
        replace(apart.paths, internal=raw, external=raw),
        settings=environment.vars | QUICK,
    )
    console = new_console()
    console.print(order.headline, highlight=False, soft_wrap=True)
    order.carry_out(console)
