"""The contents of a workbook: the rows of one category in a published run."""

from dataclasses import dataclass

import duckdb
import pandas as pd

from clustering.core.errors import CommandError
from clustering.store.runs import PublishedRun

# Tables that earlier versions did not write.
NEEDED = ("cluster_sales", "cluster_recommendations", "corrections")
# Columns of cluster_profiles that they did not write.
WORDED = ("comparison", "is_better")

QUERIES = {
    "quality": "from cluster_quality where category = $category",
    "clusters": """
        from cluster_summary where category = $category order by cluster_id
    """,
    "internal": """
        select
            internal_cluster as cluster_id,
            'Internal cluster ' || internal_cluster as cluster_name,
            count(*) as store_count,
            sum(sales) as sales
        from store_clusters
        where category = $category
        group by internal_cluster
        order by internal_cluster
    """,
    "sales": "from cluster_sales where category = $category",
    "stores": """
        select
            store_clusters.*,
            nullif(uncorrected_cluster, store_clusters.cluster_id) as moved_from,
            store_map.latitude,
            store_map.longitude,
            neighbours.cluster_name as next_best_name
        from store_clusters
        inner join store_map using (store_id, category)
        left join cluster_summary as neighbours
            on
                store_clusters.category = neighbours.category
                and store_clusters.next_best_cluster = neighbours.cluster_id
        where store_clusters.category = $category
        order by store_clusters.cluster_id, store_clusters.store_id
    """,
    "profiles": """
        select
            *,
            case when is_better then 'better' when not is_better then 'worse' end
                as better
        from cluster_profiles
        where category = $category
        order by cluster_id, block desc, distinctiveness_rank
    """,
    "recommendations": """
        from cluster_recommendations
        where category = $category
        order by cluster_id, place
    """,
    "corrections": """
        select
            * replace (
                coalesce(store_id, 'all') as store_id,
                expires_on::varchar as expires_on
            )
        from corrections
        where category in ($category, 'all categories')
        order by seed, seed_line
    """,
    "run": "from run",
    "settings": "from run_settings order by name",
}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One table per query above."""

    category: str
    quality: pd.DataFrame
    clusters: pd.DataFrame
    internal: pd.DataFrame
    sales: pd.DataFrame
    stores: pd.DataFrame
    profiles: pd.DataFrame
    recommendations: pd.DataFrame
    corrections: pd.DataFrame
    run: pd.DataFrame
    settings: pd.DataFrame


def read_figures(run: PublishedRun, category: str) -> Figures:
    """Read what the workbook of a category shows.

    Raises
    ------
    CommandError
        If the run was published by an earlier version, without all of these.
    """
    with duckdb.connect(str(run.database), read_only=True) as connection:
        _check_tables(connection, run)
        tables = {
            name: connection.execute(
                query, {"category": category} if "$category" in query else {}
            ).df()
            for name, query in QUERIES.items()
        }
    return Figures(category=category, **tables)


def _check_tables(connection: duckdb.DuckDBPyConnection, run: PublishedRun) -> None:
    missing = [f"table {name}" for name in NEEDED if name not in run.tables]
    columns = connection.execute("select column_name from duckdb_columns()").fetchall()
    missing += [f"column {name}" for name in WORDED if (name,) not in columns]
    if missing:
        raise CommandError(
            f"the run {run.name} has no {missing[0]}, which workbooks are made from;"
            " run: clustering run"
        )
