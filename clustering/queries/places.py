"""Where the stores of one category stand: on the ground, and among the others."""

import pandas as pd

from clustering.store.runs import Reader


def stores(run: Reader, category: str) -> pd.DataFrame:
    """Return one row per store of ``category``: both places, and its cluster.

    Numbers have seven figures: a browser gets thousands of them.
    """
    return run.read(
        """
        select
            store_map.store_id,
            store_map.cluster_id,
            store_clusters.assignment_method,
            cast(store_clusters.silhouette as float) as silhouette,
            cast(store_map.map_x as float) as map_x,
            cast(store_map.map_y as float) as map_y,
            cast(store_map.latitude as float) as latitude,
            cast(store_map.longitude as float) as longitude
        from store_map
        inner join store_clusters using (store_id, category)
        where category = ?
        order by store_map.store_id
        """,
        [category],
    )
