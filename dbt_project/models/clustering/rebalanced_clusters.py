from ml.rebalance import rebalance_clusters
from ml.reuse import Reuse


def model(dbt, session):
    merged = dbt.ref("joint_components").df()
    settings = dbt.config.meta_get("settings")
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    reuse = Reuse(earlier, [merged], settings)
    merged = reuse.changed(merged)
    return reuse.complete(rebalance_clusters(merged, **settings))
