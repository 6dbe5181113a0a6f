"""`clustering assign`: stores, new ones too, to the clusters of a published run."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from clustering.cli.options import Config, Env, find_published, read_environment
from clustering.cli.screen import new_console
from clustering.core.files import replacing
from clustering.presentation.words import number, percent, quarantined

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 200


class AssignFormat(StrEnum):
    """Formats that assigned stores are written in."""

    table = "table"
    csv = "csv"
    parquet = "parquet"


def assign(
    stores: Annotated[
        Path,
        typer.Argument(
            help="A folder with internal_sales, store_attributes or external_sales, or"
            " one of them as a file: of stores that open, or of any others."
        ),
    ],
    version: Annotated[
        str | None,
        typer.Option(
            "--version",
            "--run",
            help="A version, by the beginning of its id or name; the live one by"
            " default.",
        ),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this category; may be repeated. By default those that a store"
            " sells, and all where its sales are not known."
        ),
    ] = None,
    file_format: Annotated[
        AssignFormat, typer.Option("--format", help="How to show or write them.")
    ] = AssignFormat.table,
    output: Annotated[
        Path | None,
        typer.Option(help="The file to write; csv is printed by default."),
    ] = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Assign stores to the clusters of a version, without a build."""
    from clustering.scoring.inputs import read_tables
    from clustering.scoring.model import Model

    environment = read_environment(env, config)
    run = find_published(environment, version, models_only=True)
    tables = read_tables(stores, environment.input)
    model = Model.of_run(run)
    known = model.read(tables)
    found = model.assign_known(known, categories=category or ())
    for line in quarantined(known.quarantined):
        typer.echo(line, err=True)
    if output or file_format is not AssignFormat.table:
        _write(found, output, file_format)
    else:
        _print(found, title=f"Stores by the models of {run.name}")


def _write(
    found: "pd.DataFrame", output: Path | None, file_format: AssignFormat
) -> None:
    """Write all columns; to a file by its ending, where the format is not given."""
    from clustering.export.formulas import disarm

    if output is None and file_format is AssignFormat.csv:
        disarm(found).to_csv(sys.stdout, index=False)
        return
    target = output or Path(f"assigned.{file_format}")
    with replacing(target) as temporary:
        if AssignFormat.parquet in (file_format, target.suffix.lstrip(".")):
            found.to_parquet(temporary, index=False)
        else:
            disarm(found).to_csv(temporary, index=False)
    typer.echo(f"wrote {len(found):,} rows to {target}")


def _print(found: "pd.DataFrame", *, title: str) -> None:
    table = Table(title=title, title_justify="left")
    for name in ("store", "category"):
        table.add_column(name, no_wrap=True)
    table.add_column("", justify="right")
    table.add_column("cluster, and why")
    for name in ("method", "sure", "distance", "next best"):
        table.add_column(name, justify="right" if name != "method" else "left")
    for row in found.head(MOST_ROWS).to_dict("records"):
        told = (row["cluster_name"], row["reason_1"], row["reason_2"], row["reason_3"])
        lines = [line for line in told if isinstance(line, str)]
        doubts = [f"? {row['doubts']}"] if row["doubts"] else []
        table.add_row(
            row["store_id"],
            row["category"],
            str(row["cluster_id"]),
            "\n".join([*lines, *doubts]),
            row["method"],
            percent(row["probability"]),
            number(row["distance"], decimals=2),
            _next_best(row),
        )
    console = new_console()
    console.print(table)
    if len(found) > MOST_ROWS:
        console.print(f"{MOST_ROWS} of {len(found):,} rows; all: --output FILE.csv")


def _next_best(row: dict) -> str:
    has_other = isinstance(row["next_best_name"], str)
    return (
        f"{row['next_best_cluster']:.0f} {row['next_best_name']}" if has_other else "-"
    )
