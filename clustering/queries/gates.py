"""What in a run is beyond a threshold, for auto-approval and for alerts."""

import pandas as pd

from clustering.core.environments import Approval
from clustering.store.runs import Reader

# Rows of excluded categories are left out on purpose, and sales that were returned are
# sound: neither counts, as in dbt_project/tests/assert_quarantine_is_small.sql.
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
        where reason not in ('excluded_category', 'returned', 'superseded')
    ),

    wanted as (
        select
            rows_read - coalesce(
                (
                    select sum(row_count) from reasons
                    where reason in ('excluded_category', 'returned', 'superseded')
                ),
                0
            ) as row_count
        from input_reconciliation
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


DOUBTED = """
    select category, verdict
    from cluster_quality
    where verdict_code in ('partly_stable', 'unstable', 'one_cluster_unstable')
    order by category
"""


def quarantined(run: Reader, *, most: float) -> pd.DataFrame:
    """Return a row where more than this share of the sales rows is quarantined.

    Returns
    -------
    DataFrame
        quarantined and wanted, in rows, and reasons in words.
    """
    return run.read(QUARANTINED, [most])


def moved(run: Reader, *, least: float) -> pd.DataFrame:
    """Return the categories of which a smaller share of stores keep their cluster.

    Returns
    -------
    DataFrame
        category, stayed and shared, in stores that both runs have.
    """
    return run.read(MOVED, [least])


def doubted(run: Reader) -> pd.DataFrame:
    """Return category and verdict where final clusters are not all reproduced."""
    return run.read(DOUBTED)


def find_unmet(run: Reader, approval: Approval) -> list[str]:
    """Return what ``run`` lacks to be approved: a line each, with the worst category.

    Parameters
    ----------
    run : Reader
        The version to be judged.
    approval : Approval
        The thresholds of its environment.
    """
    kept = moved(run, least=approval.min_retention)
    unstable = run.read(UNSTABLE, [approval.min_stable_share])
    dirty = quarantined(run, most=approval.max_quarantined_share)
    return [
        *_say(
            kept.assign(share=kept["stayed"] / kept["shared"]),
            "{share:.0%} of the stores of {category} keep their cluster, wanted"
            f" {approval.min_retention:.0%}",
        ),
        *_say(
            unstable,
            "{stable_share:.0%} of the clusters of {category} are firm,"
            f" wanted {approval.min_stable_share:.0%}",
        ),
        *_say(
            dirty.assign(share=dirty["quarantined"] / dirty["wanted"]),
            "{share:.1%} of the sales rows are quarantined, wanted at most"
            f" {approval.max_quarantined_share:.1%}",
        ),
    ]


def _say(found: pd.DataFrame, words: str) -> list[str]:
    if found.empty:
        return []
    more = len(found) - 1
    return [words.format(**found.iloc[0]) + f" (and {more} more)" * bool(more)]
