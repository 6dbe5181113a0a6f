from ml.drivers import find_drivers
from ml.reuse import Reuse


def model(dbt, session):
    features = dbt.ref("store_external_features").df()
    clusters = dbt.ref("internal_clusters").df()
    settings = dbt.config.meta_get("settings")
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    reuse = Reuse(earlier, [features, clusters], settings)
    clusters = reuse.changed(clusters)
    return reuse.complete(find_drivers(features, clusters, **settings))
