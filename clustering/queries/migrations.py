"""What moved between two runs; the earlier one is read from its own file."""

import pandas as pd

from clustering.store.runs import DATABASE, StoredRun

# Both places of every store of either run; null where it is not in the category.
PLACES = """
    with

    places as (

        select
            store_id,
            category,
            before.cluster_id as previous_cluster_id,
            before.cluster_name as previous_cluster_name,
            now.cluster_id,
            now.cluster_name,
            case
                when before.cluster_id is null then 'joined'
                when now.cluster_id is null then 'left'
                when before.cluster_id = now.cluster_id then 'stayed'
                else 'moved'
            end as movement
        from store_clusters as now
        full join read_duckdb(?, table_name = 'store_clusters')
            as before using (store_id, category)

    )
"""


def retention(run: StoredRun, before: StoredRun) -> pd.DataFrame:
    """Return one row per category: what its stores did between two runs.

    Returns
    -------
    DataFrame
        category, shared (stores of both runs), stayed, moved, joined, left, and
        retention: stayed over shared, 0 to 1.
    """
    return run.read(
        PLACES
        + """
        select
            category,
            count(*) filter (movement in ('stayed', 'moved')) as shared,
            count(*) filter (movement = 'stayed') as stayed,
            count(*) filter (movement = 'moved') as moved,
            count(*) filter (movement = 'joined') as joined,
            count(*) filter (movement = 'left') as "left",
            stayed / nullif(shared, 0) as retention
        from places
        group by category
        order by category
        """,
        [database(before)],
    )


def flows(run: StoredRun, before: StoredRun, category: str) -> pd.DataFrame:
    """Return one row per pair of clusters that stores went between.

    Returns
    -------
    DataFrame
        previous_cluster_id and cluster_id (0 for a store that is not there), their
        names, store_count, and share: of the stores that came from the former.
    """
    return run.read(
        PLACES
        + """
        select
            coalesce(previous_cluster_id, 0) as previous_cluster_id,
            coalesce(any_value(previous_cluster_name), 'not there')
                as previous_cluster_name,
            coalesce(cluster_id, 0) as cluster_id,
            coalesce(any_value(cluster_name), 'not there') as cluster_name,
            count(*) as store_count,
            count(*) / sum(count(*)) over (
                partition by coalesce(previous_cluster_id, 0)
            ) as share
        from places
        where category = ?
        group by places.previous_cluster_id, places.cluster_id
        order by 1, 3
        """,
        [database(before), category],
    )


def moved(run: StoredRun, before: StoredRun, category: str) -> pd.DataFrame:
    """Return one row per store of ``category`` that is not where it was."""
    return run.read(
        PLACES
        + """
        select * exclude (category)
        from places
        where category = ? and movement != 'stayed'
        order by movement, previous_cluster_id, cluster_id, store_id
        """,
        [database(before), category],
    )


def database(run: StoredRun) -> str:
    """Return the path of the run's DuckDB file, which SQL can read from as well."""
    return str(run.folder / DATABASE)
