from ml import name_clusters


def model(dbt, session):
    return name_clusters(
        dbt.ref("final_clusters").project("category, cluster_id").distinct().df(),
        dbt.ref("cluster_feature_means").df(),
        dbt.ref("feature_representatives").df(),
        dbt.ref("feature_words").df(),
    )
