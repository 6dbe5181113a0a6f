from ml.firmness import score_clusters
from ml.reuse import Reuse


def model(dbt, session):
    stores = dbt.ref("clustered_components").df()
    finals = dbt.ref("chosen_finals").df()
    settings = dbt.config.meta_get("settings")
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    reuse = Reuse(earlier, [stores, finals], settings)
    stores = reuse.changed(stores)
    return reuse.complete(score_clusters(stores, finals, **settings))
