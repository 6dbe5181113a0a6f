from ml import apply_names, name_clusters


def model(dbt, session):
    names = name_clusters(
        dbt.ref("final_clusters").project("category, cluster_id").distinct().df(),
        dbt.ref("cluster_feature_means").df(),
        dbt.ref("feature_representatives").df(),
        dbt.ref("feature_words").df(),
    )
    given = dbt.ref("effective_corrections").filter(
        "action = 'name' and state = 'in force'"
    )
    return apply_names(names, given.project("category, cluster_id, value").df())
