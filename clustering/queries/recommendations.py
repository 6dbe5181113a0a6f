"""What to do in the stores of each cluster."""

from collections.abc import Sequence

import pandas as pd

from clustering.store.runs import Reader

AREAS = ("assortment", "space", "pricing", "marketing", "trust")
PRIORITIES = {1: "first", 2: "next", 3: "later"}


def recommendations(
    run: Reader, category: str, *, areas: Sequence[str], priorities: Sequence[int]
) -> pd.DataFrame:
    """Return one row per cluster of ``category`` and recommendation that is asked for.

    Returns
    -------
    DataFrame
        category, cluster_id, cluster_name, place, priority, area, recommendation,
        evidence, feature, rule, and what is at stake: store_count and sales_share.
    """
    return run.read(
        """
        select
            category,
            cluster_id,
            cluster_name,
            place,
            priority,
            area,
            recommendation,
            evidence,
            feature,
            rule,
            store_count,
            sales_share
        from cluster_recommendations
        where
            category = ?
            and list_contains(?, area)
            and list_contains(?, priority)
        order by cluster_id, place
        """,
        [category, list(areas), list(priorities)],
    )


def counts(run: Reader) -> pd.DataFrame:
    """Return one row per category: how many recommendations there are, by area."""
    return run.read(
        """
        select
            category,
            count(distinct cluster_id) as clusters,
            count(*) filter (area = 'assortment') as assortment,
            count(*) filter (area = 'space') as space,
            count(*) filter (area = 'pricing') as pricing,
            count(*) filter (area = 'marketing') as marketing,
            count(*) filter (area = 'trust') as trust
        from cluster_recommendations
        group by category
        order by category
        """
    )
