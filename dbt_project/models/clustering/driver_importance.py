from ml.drivers import find_drivers


def model(dbt, session):
    features = dbt.ref("store_external_features").df()
    clusters = dbt.ref("internal_clusters").df()
    settings = dbt.config.meta_get("settings")
    return find_drivers(features, clusters, **settings)
