"""`clustering show`: the clusters that readers have, as tables in the terminal."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from clustering.cli.options import Config, Env, Run, find_published, read_environment
from clustering.cli.screen import new_console
from clustering.core.errors import ArgumentError, CommandError
from clustering.queries.selection import find_category
from clustering.store.runs import PublishedRun

CATEGORIES = """
    with sizes as (
        select
            category,
            string_agg(store_count, ' ' order by store_count desc) as sizes
        from cluster_summary
        group by category
    )

    select
        category,
        store_count,
        internal_k,
        external_k,
        coalesce(printf('%.2f', internal_silhouette), '-'),
        coalesce(printf('%.2f', external_silhouette), '-'),
        cluster_count,
        sizes
    from cluster_quality
    inner join sizes using (category)
    order by category
"""

CLUSTERS = """
    select
        cluster_id::varchar,
        cluster_name,
        store_count,
        printf('%.0f %%', 100 * store_share),
        printf('%.0f %%', 100 * sales_share),
        coalesce(printf('%.2f', silhouette), '-'),
        stability_band,
        coalesce(nearest_cluster::varchar, '-')
    from cluster_summary
    where category = ?
    order by cluster_id
"""

VERDICTS = """
    select category, verdict
    from cluster_quality
    order by category
"""

INPUT = """
    select source_table, rows_read, rows_used, rows_quarantined
    from input_reconciliation
    order by source_table
"""

CORRECTIONS = """
    select state, seed, seed_line, outcome
    from corrections
    order by seed, seed_line
"""

# What one cluster more is worth; what is covered is known where there are periods.
NUMBERS = """
    select
        candidates.clusters::varchar,
        printf('%.0f %%', 100 * explained_variance),
        printf('%.0f %%', 100 * sales_explained),
        printf('%.0f %%', 100 * firm_store_share),
        candidates.smallest_cluster::varchar,
        coalesce(printf('%.1f %%', 100 * covered_share), '-'),
        case when is_chosen then 'in use: ' || reason else reason end,
        candidates.basis
    from final_cluster_candidates as candidates
    left join cluster_value
        on
            candidates.category = cluster_value.category
            and candidates.clusters = cluster_value.clusters
    where candidates.category = ?
    order by candidates.clusters
"""

WORTH = """
    select candidates.category, value_words
    from final_cluster_candidates as candidates
    inner join cluster_value
        on
            candidates.category = cluster_value.category
            and candidates.clusters = cluster_value.clusters
    where is_chosen
    order by candidates.category
"""

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
    with _open(run) as connection:
        rows = connection.execute(CATEGORIES).fetchall()
        read = connection.execute(INPUT).fetchall()
        verdicts = connection.execute(VERDICTS).fetchall()
        worth = _rows(connection, WORTH, needs="cluster_value")
        corrections = _corrections(connection)
    for name, row_count, used, quarantined in read:
        console.print(
            f"{name}: {row_count:,} rows = {used:,} used + {quarantined:,} quarantined",
            highlight=False,
        )
    table = Table("category", title="Clusters per category", title_justify="left")
    table.add_column("stores", justify="right")
    table.add_column("k\nint. ext.", justify="right")
    table.add_column("silhouette\nint. ext.", justify="right")
    table.add_column("clusters", justify="right")
    table.add_column("stores in each, largest first", no_wrap=True)
    for category, stores, internal, external, inner, outer, clusters, sizes in rows:
        table.add_row(
            category,
            f"{stores:,}",
            f"{internal:>2}   {external:>2}",
            f"{inner} {outer}",
            str(clusters),
            _shorten(sizes),
        )
    console.print(table)
    told = [f"{name}: {text}" for name, text in [*verdicts, *worth]]
    for line in told + corrections:
        console.print(line, highlight=False, soft_wrap=True)


def show_clusters(run: PublishedRun, category: str, *, console: Console) -> None:
    """Print one row per cluster of ``category``.

    Raises
    ------
    CommandError
        If there is no such category; it names those there are.
    """
    try:
        found = find_category(run, category)
    except ArgumentError as error:
        raise CommandError(str(error)) from None
    with _open(run) as connection:
        rows = connection.execute(CLUSTERS, [found]).fetchall()
        numbers = _rows(connection, NUMBERS, [found], needs="cluster_value")
    table = Table(title=found, title_justify="left")
    table.add_column("", justify="right")
    table.add_column("cluster")
    for name in ("stores", "of stores", "of sales", "silhouette"):
        table.add_column(name, justify="right")
    table.add_column("stability")
    table.add_column("nearest", justify="right")
    for number, cluster, stores, *rest in rows:
        table.add_row(number, cluster, f"{stores:,}", *rest)
    console.print(table)
    if numbers:
        console.print(_numbers_table(numbers))


def _numbers_table(rows: list[tuple[str, ...]]) -> Table:
    """Return what every number of final clusters explains, covers and is like."""
    made_of = BASES[rows[0][-1]]
    table = Table(title=f"How many clusters, by {made_of}", title_justify="left")
    for name in ("", "explained", "of sales", "in firm", "smallest", "covered"):
        table.add_column(name, justify="right")
    table.add_column("why")
    for *row, why, _ in rows:
        style = "bold" if why.startswith("in use") else None
        table.add_row(*row, why, style=style)
    return table


def _rows(
    run: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Sequence[str] = (),
    *,
    needs: str,
) -> list[tuple[str, ...]]:
    """Return what a query selects; nothing from a run of before its table was there."""
    there = run.execute("select table_name from duckdb_tables()").fetchall()
    return run.execute(query, parameters).fetchall() if (needs,) in there else []


def _corrections(run: duckdb.DuckDBPyConnection) -> list[str]:
    """Say how many corrections did what, and why those that did nothing did not."""
    rows = _rows(run, CORRECTIONS, needs="corrections")
    if not rows:
        return []
    counts = Counter(state for state, *_ in rows)
    parts = " + ".join(f"{counts[state]} {state}" for state in sorted(counts))
    idle = [
        f"correction {state}: seeds/{seed}.csv, line {line}: {outcome}"
        for state, seed, line, outcome in rows
        if state in {"expired", "stale"}
    ]
    return [f"corrections: {len(rows)} = {parts}", *idle]


def _open(run: PublishedRun) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(run.database, read_only=True)


def _shorten(sizes: str) -> str:
    numbers = sizes.split()
    more = len(numbers) - SHOWN_SIZES
    return " ".join(numbers[:SHOWN_SIZES]) + (f" … {more} more" if more > 0 else "")
