"""`clustering show` and `compare`: published runs, as tables in the terminal."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from clustering.cli.options import Config, Env, Run, find_published, read_environment
from clustering.cli.screen import WIDE, new_console, new_table
from clustering.core.errors import ArgumentError
from clustering.presentation import words
from clustering.presentation.words import number, percent
from clustering.queries import clusters, k_choice, overview, quality
from clustering.queries.selection import find_category
from clustering.store.runs import PublishedRun

BASES = {
    "both": "what sells and what surrounds the stores",
    "internal": "what sells alone",
    "external": "what surrounds the stores alone",
}
SHOWN_SIZES = 8


def show(
    category: Annotated[
        str | None, typer.Argument(help="Show this category's clusters.")
    ] = None,
    run: Run = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Print the clusters of a published run."""
    found = find_published(read_environment(env, config), run)
    if category is None:
        show_categories(found, console=new_console())
    else:
        show_clusters(found, category, console=new_console())


def show_categories(run: PublishedRun, *, console: Console) -> None:
    """Print what was read, and one row per category."""
    tables = quality.reconciliation(run).sort_values("source_table")
    for row in tables.to_dict("records"):
        console.print(
            f"{row['source_table']}: {row['rows_read']:,} rows ="
            f" {row['rows_used']:,} used + {row['rows_quarantined']:,} quarantined",
            highlight=False,
        )
    returned, currency = quality.returns(run), overview.currency(run)

    def money(amount: float) -> str:
        return words.money(number(amount, decimals=2), currency)

    if returned.rows:
        console.print(
            f"returns: {returned.rows:,} rows below 0, {money(returned.sales)} of"
            f" {money(returned.gross)} gross sales",
            highlight=False,
        )
    for line in _oddities(run):
        console.print(line, highlight=False, soft_wrap=True)
    table = new_table("Clusters per category", heads=["category"])
    for head in ("stores", "k\nint. ext.", "silhouette\nint. ext.", "clusters"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("stores in each, largest first")
    found = overview.categories(run)
    for row in found.to_dict("records"):
        sides = (row["internal_silhouette"], row["external_silhouette"])
        table.add_row(
            row["category"],
            f"{row['store_count']:,}",
            f"{row['internal_k']:>2}   {row['external_k']:>2}",
            " ".join(number(one, decimals=2) for one in sides),
            str(row["cluster_count"]),
            _shorten(row["sizes"]),
        )
    console.print(table)
    verdicts = zip(found["category"], found["verdict"], strict=True)
    told = [*verdicts, *k_choice.worth(run).items()]
    for line in [f"{name}: {text}" for name, text in told] + _corrections(run):
        console.print(line, highlight=False, soft_wrap=True)


def _oddities(run: PublishedRun) -> list[str]:
    """Return what is odd about the input, and which columns are not used and why."""
    if not {"input_notes", "external_feature_catalog"} <= run.tables:  # an older run
        return []
    unused = quality.unused_columns(run)
    lines = quality.notes(run)
    return [*lines, f"external columns not used: {unused}"] if unused else lines


def show_clusters(run: PublishedRun, category: str, *, console: Console) -> None:
    """Print one row per cluster of ``category``.

    Raises
    ------
    ArgumentError
        If there is no such category; it names those there are.
    """
    found = find_category(run, category)
    summary = clusters.summary(run, found).to_dict("records")
    console.print(_clusters_table(found, summary, is_wide=console.width >= WIDE))
    if "cluster_value" in run.tables:
        console.print()
        console.print(_numbers_table(k_choice.numbers(run, found)))


def _clusters_table(
    category: str, rows: list[dict[str, Any]], *, is_wide: bool
) -> Table:
    """Return a table of clusters; where there is little room, without two columns."""
    table = new_table(category)
    table.add_column("", justify="right")
    table.add_column("cluster")
    for head in ("stores", "of\nstores", "of\nsales"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("stability")
    if is_wide:
        table.add_column("silhouette", justify="right")
        table.add_column("nearest", justify="right")
    for row in rows:
        nearest = row["nearest_cluster"]
        more = (
            number(row["silhouette"], decimals=2),
            "-" if pd.isna(nearest) else f"{nearest:.0f}",
        )
        table.add_row(
            str(row["cluster_id"]),
            row["cluster_name"],
            f"{row['store_count']:,}",
            percent(row["store_share"]),
            percent(row["sales_share"]),
            row["stability_band"],
            *(more if is_wide else ()),
        )
    return table


def _numbers_table(numbers: pd.DataFrame) -> Table:
    """Return a table of the numbers of final clusters and what each explains."""
    made_of = BASES[numbers["basis"].iloc[0]]
    table = new_table(f"How many clusters, by {made_of}")
    for head in ("", "explained", "of sales", "in firm", "smallest", "covered"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("why")
    for row in numbers.to_dict("records"):
        is_chosen = row["state"] == "chosen"
        table.add_row(
            str(row["clusters"]),
            percent(row["explained_variance"]),
            percent(row["sales_explained"]),
            percent(row["firm_store_share"]),
            str(row["smallest_cluster"]),
            percent(row["covered_share"], decimals=1),
            f"in use: {row['reason']}" if is_chosen else row["reason"],
            style="bold" if is_chosen else None,
        )
    return table


def _corrections(run: PublishedRun) -> list[str]:
    """Print how many corrections had an effect, and why the others had none."""
    if "corrections" not in run.tables:
        return []
    counts = Counter(quality.corrections(run)["state"])
    if not counts:
        return []
    parts = " + ".join(f"{counts[state]} {state}" for state in sorted(counts))
    return [
        f"corrections: {counts.total()} = {parts}",
        *(
            f"correction {row['state']}: seeds/{row['file']}, line {row['seed_line']}:"
            f" {row['outcome']}"
            for row in quality.idle_corrections(run).to_dict("records")
        ),
    ]


def _shorten(sizes: Iterable[int]) -> str:
    largest_first = sorted(sizes, reverse=True)
    more = len(largest_first) - SHOWN_SIZES
    shown = " ".join(map(str, largest_first[:SHOWN_SIZES]))
    return shown + (f" … {more} more" if more > 0 else "")


# Title, column, its unit, and how many decimals its figures have.
FIGURES = [
    ("k\nint.", "internal_k", 1, 0),
    ("k\next.", "external_k", 1, 0),
    ("clusters", "cluster_count", 1, 0),
    ("silhouette", "silhouette", 1, 2),
    ("firm,\n%", "stable_share", 100, 0),
    ("sales in\nfirm, %", "stable_sales_share", 100, 0),
]


def compare(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            help="A published run, by the beginning of its id or name, or a scenario.",
        ),
    ],
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN",
            help="The run to compare it with; the live version by default.",
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
    table = new_table(heads=["category"])
    for title, *_ in FIGURES:
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("same\nstores", justify="right", no_wrap=True)
    for row in rows.to_dict("records"):
        pairs = [
            " | ".join(
                number(row[column] * unit, decimals=decimals)
                for column in (name, f"other_{name}")
            )
            for _, name, unit, decimals in FIGURES
        ]
        table.add_row(row["category"], *pairs, number(row["agreement"], decimals=2))
    table.caption = (
        "firm: clusters that are reproduced when stores are resampled; same stores:"
        " adjusted Rand index, 1 is the same clusters, 0 no more alike than by chance"
    )
    return table


def _text(value: str | None) -> str:
    return value if isinstance(value, str) else "-"
