from ml.rebalance import rebalance_clusters


def model(dbt, session):
    merged = dbt.ref("joint_components").df()
    settings = dbt.config.meta_get("settings")
    return rebalance_clusters(merged, **settings)
