"""Where the stores of one category stand: on the ground, and among the others."""

import pandas as pd

from dashboard.published import Reader


def stores(run: Reader, category: str) -> pd.DataFrame:
    """Return one row per store of ``category``: both places, and its cluster."""
    return run.read(
        """
        select
            store_map.store_id,
            store_map.cluster_id,
            store_clusters.assignment_method,
            store_clusters.silhouette,
            store_map.map_x,
            store_map.map_y,
            store_map.latitude,
            store_map.longitude
        from store_map
        inner join store_clusters using (store_id, category)
        where category = ?
        order by store_map.store_id
        """,
        [category],
    )
