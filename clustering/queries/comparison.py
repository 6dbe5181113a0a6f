"""Two runs compared: settings, quality, and the stores that moved between them."""

import pandas as pd

from clustering.store.runs import DATABASE, Reader, StoredRun

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
        [_database(before)],
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
        [_database(before), category],
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
        [_database(before), category],
    )


def settings(run: Reader, other: Reader) -> pd.DataFrame:
    """Return one row per setting that differs: name, and its value in either run.

    A setting that one of them does not have is null there.
    """
    values = [
        each.read("select name, value from run_settings").set_index("name")["value"]
        for each in (run, other)
    ]
    both = pd.concat(values, axis=1, keys=["value", "other_value"])
    differs = both["value"].fillna("") != both["other_value"].fillna("")
    return both[differs].sort_index().reset_index()


def quality(run: StoredRun, other: StoredRun) -> pd.DataFrame:
    """Return one row per category of either run: its figures in both.

    Returns
    -------
    DataFrame
        category; internal_k, external_k, cluster_count, silhouette, stable_share (of
        the clusters, those that are firm), stable_sales_share (of the sales, those in
        these clusters), each also as other_...; and agreement, the adjusted Rand index
        of the clusters over the stores that both have.
    """
    figures = [
        each.read(
            """
            select
                category,
                internal_k,
                external_k,
                cluster_count,
                silhouette,
                stable_cluster_count / cluster_count as stable_share,
                coalesce(firm_sales_share, 0) as stable_sales_share
            from cluster_quality
            """
        ).set_index("category")
        for each in (run, other)
    ]
    both = figures[0].join(figures[1].add_prefix("other_"), how="outer")
    return both.join(agreement(run, other)).sort_index().reset_index()


# Hubert and Arabie (1985), Comparing partitions: how many pairs of stores are in one
# cluster in this run, in the other and in both, against what chance alone would give.
AGREEMENT = """
    with

    contingency as (

        select
            category,
            now.cluster_id,
            other.cluster_id as other_cluster_id,
            count(*) as store_count
        from store_clusters as now
        inner join read_duckdb(?, table_name = 'store_clusters')
            as other using (store_id, category)
        group by category, now.cluster_id, other.cluster_id

    ),

    groups as (

        select
            category,
            grouping(cluster_id) = 0 as is_now,
            grouping(other_cluster_id) = 0 as is_other,
            sum(store_count) as store_count
        from contingency
        group by grouping sets (
            (category, cluster_id, other_cluster_id),
            (category, cluster_id),
            (category, other_cluster_id),
            (category)
        )

    ),

    pairs as (

        select
            category,
            sum(pair_count) filter (is_now and is_other) as in_both,
            sum(pair_count) filter (is_now and not is_other) as in_now,
            sum(pair_count) filter (is_other and not is_now) as in_other,
            sum(pair_count) filter (not is_now and not is_other) as in_all
        from (
            select *, store_count * (store_count - 1) / 2 as pair_count from groups
        )
        group by category

    )

    select
        category,
        case
            when in_both = in_now and in_both = in_other then 1.0
            else
                (in_both - in_now * in_other / in_all)
                / ((in_now + in_other) / 2 - in_now * in_other / in_all)
        end as agreement
    from pairs
    order by category
"""


def agreement(run: StoredRun, other: StoredRun) -> pd.Series:
    """Return the adjusted Rand index of the clusters of two runs, by category."""
    found = run.read(AGREEMENT, [_database(other)])
    return found.set_index("category")["agreement"].astype(float)


def sales(run: Reader, category: str) -> pd.DataFrame:
    """Return one row per cluster of ``category``, the one with most sales first.

    Returns
    -------
    DataFrame
        cluster_id, cluster_name, store_count, sales, sales_share and
        cumulative_share, of this cluster and those before.
    """
    return run.read(
        """
        select
            cluster_id,
            cluster_name,
            store_count,
            cast(sales as double) as sales,
            sales_share,
            sum(sales_share) over (
                order by sales desc, cluster_id
            ) as cumulative_share
        from cluster_summary
        where category = ?
        order by sales desc, cluster_id
        """,
        [category],
    )


def _database(run: StoredRun) -> str:
    """Return the path of the run's DuckDB file, which SQL can read from as well."""
    return str(run.folder / DATABASE)
