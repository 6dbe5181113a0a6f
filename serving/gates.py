"""Queries for what in a run is beyond a threshold; the policy and alerts ask them."""

# Rows of excluded categories are left out on purpose, as in
# dbt_project/tests/assert_quarantine_is_small.sql.
QUARANTINED = """
    with reasons as (
        select
            reason,
            sum(row_count) as row_count
        from quarantined_rows
        where source_table = 'internal_sales'
        group by reason
    ),

    unwanted as (
        select
            sum(row_count) as row_count,
            string_agg(reason || ' ' || row_count, ', ' order by row_count desc, reason)
                as reasons
        from reasons
        where reason <> 'excluded_category'
    ),

    wanted as (
        select rows_read - coalesce(excluded.row_count, 0) as row_count
        from input_reconciliation
        left join reasons as excluded
            on excluded.reason = 'excluded_category'
        where source_table = 'internal_sales'
    )

    select
        unwanted.row_count as quarantined,
        wanted.row_count as wanted,
        unwanted.reasons
    from unwanted
    cross join wanted
    where unwanted.row_count > ? * wanted.row_count
"""

# Of the stores that the run before had, too.
MOVED = """
    select
        category,
        stores_before - stores_left - stores_moved as stayed,
        stores_before - stores_left as shared
    from category_drift
    where retention < ?
    order by retention, category
"""

UNSTABLE = """
    select
        category,
        stable_cluster_count / cluster_count as stable_share
    from cluster_quality
    where stable_share < ?
    order by stable_share, category
"""
