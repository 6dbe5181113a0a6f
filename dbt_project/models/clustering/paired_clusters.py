from ml.pairs import pair_clusters
from ml.reuse import Reuse


def model(dbt, session):
    sides = dbt.ref("paired_sides").df()
    settings = dbt.config.meta_get("settings")
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    reuse = Reuse(earlier, [sides], settings)
    sides = reuse.changed(sides)
    return reuse.complete(pair_clusters(sides, **settings))
