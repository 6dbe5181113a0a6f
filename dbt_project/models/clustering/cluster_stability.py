from ml.bootstrap import score_clusters


def model(dbt, session):
    stores = dbt.ref("clustered_components").df()
    settings = dbt.config.meta_get("settings")
    return score_clusters(stores, **settings)
