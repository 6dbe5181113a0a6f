from ml import compare_categories


def model(dbt, session):
    sides = dbt.ref("numbered_clusters").project(
        "store_id, category, internal_cluster, external_cluster"
    )
    finals = dbt.ref("final_clusters").project("store_id, category, cluster_id")
    return compare_categories(sides.df().merge(finals.df()))
