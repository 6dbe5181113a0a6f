from ml import find_representatives


def model(dbt, session):
    external = dbt.ref("store_feature_values").filter("block = 'external'")
    return find_representatives(
        dbt.ref("cluster_feature_means").df(),
        dbt.ref("final_clusters").df(),
        dbt.ref("store_need_state_shares").df(),
        external.project("store_id, category, feature, value").df(),
    )
