"""The clusters of the last good run, as tables in the terminal."""

import duckdb
from rich.console import Console
from rich.table import Table

from cli.errors import CommandError
from cli.paths import Paths

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
    where lower(category) = lower(?)
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

SHOWN_SIZES = 8


def show_categories(paths: Paths, *, console: Console) -> None:
    """Print what was read, and one row per category."""
    with _open(paths) as connection:
        rows = connection.execute(CATEGORIES).fetchall()
        read = connection.execute(INPUT).fetchall()
        verdicts = connection.execute(VERDICTS).fetchall()
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
    for category, verdict in verdicts:
        console.print(f"{category}: {verdict}", highlight=False)


def show_clusters(paths: Paths, category: str, *, console: Console) -> None:
    """Print one row per cluster of ``category``.

    Raises
    ------
    CommandError
        If there is no such category; it names those there are.
    """
    with _open(paths) as connection:
        rows = connection.execute(CLUSTERS, [category]).fetchall()
        names = connection.execute("select category from cluster_quality").fetchall()
    if not rows:
        known = ", ".join(sorted(name for (name,) in names))
        raise CommandError(f"no category {category!r}; there are: {known}")
    table = Table(title=category, title_justify="left")
    table.add_column("", justify="right")
    table.add_column("cluster")
    for name in ("stores", "of stores", "of sales", "silhouette"):
        table.add_column(name, justify="right")
    table.add_column("stability")
    table.add_column("nearest", justify="right")
    for number, cluster, stores, *rest in rows:
        table.add_row(number, cluster, f"{stores:,}", *rest)
    console.print(table)


def _open(paths: Paths) -> duckdb.DuckDBPyConnection:
    if not paths.database.exists():
        raise CommandError(
            f"nothing is published yet in {paths.published}; run: clustering run"
        )
    return duckdb.connect(paths.database, read_only=True)


def _shorten(sizes: str) -> str:
    numbers = sizes.split()
    more = len(numbers) - SHOWN_SIZES
    return " ".join(numbers[:SHOWN_SIZES]) + (f" … {more} more" if more > 0 else "")
