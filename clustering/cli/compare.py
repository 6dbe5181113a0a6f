"""`clustering compare`: two runs side by side."""

from typing import Annotated

import pandas as pd
import typer
from rich.table import Table

from clustering.cli.options import Config, Env, find_published, read_environment
from clustering.cli.screen import new_console
from clustering.core.errors import ArgumentError

# Title, column, and how its figures are written.
FIGURES = [
    ("k\nint.", "internal_k", "{:.0f}"),
    ("k\next.", "external_k", "{:.0f}"),
    ("clusters", "cluster_count", "{:.0f}"),
    ("silhouette", "silhouette", "{:.2f}"),
    ("firm", "stable_share", "{:.0%}"),
    ("sales\nin firm", "stable_sales_share", "{:.0%}"),
]


def compare(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            help="A kept run, by the beginning of its id or name, or a scenario.",
        ),
    ],
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN",
            help="The run to compare with; the one that readers have without it.",
        ),
    ] = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Print two runs side by side: settings, clusters, quality and agreement."""
    from clustering.queries.comparison import quality, settings
    from clustering.store.versions import find_scenario

    environment = read_environment(env, config)
    published = environment.paths.published
    first, second = (
        find_published(environment, name and find_scenario(published, name))
        for name in (run, other)
    )
    if first == second:
        raise ArgumentError(f"both are {first.name}: name another run, or a scenario")
    console = new_console()
    console.print(f"left:  {first.name}\nright: {second.name}", highlight=False)
    differing = settings(first, second)
    for name, value, before in differing.itertuples(index=False):
        console.print(f"  {name}: {_text(value)} | {_text(before)}", highlight=False)
    if differing.empty:
        console.print("  the same settings", highlight=False)
    console.print(_table(quality(first, second)))


def _table(rows: pd.DataFrame) -> Table:
    table = Table("category")
    for title, _, _ in FIGURES:
        table.add_column(title, justify="right")
    table.add_column("same\nstores", justify="right")
    for row in rows.to_dict("records"):
        pairs = [
            f"{_number(row[name], style)} | {_number(row[f'other_{name}'], style)}"
            for _, name, style in FIGURES
        ]
        agreement = _number(row["agreement"], "{:.2f}")
        table.add_row(row["category"], *pairs, agreement)
    table.caption = (
        "firm: clusters that are reproduced when stores are resampled; same stores:"
        " adjusted Rand index, 1 is the same clusters, 0 no more alike than by chance"
    )
    return table


def _number(value: float | None, style: str) -> str:
    return "-" if pd.isna(value) else style.format(value)


def _text(value: str | None) -> str:
    return "-" if pd.isna(value) else value
