from ml import find_representatives


def model(dbt, session):
    return find_representatives(
        dbt.ref("cluster_feature_means").df(),
        dbt.ref("final_clusters").df(),
        dbt.ref("store_need_state_shares").df(),
        dbt.ref("store_external_features").df(),
    )
