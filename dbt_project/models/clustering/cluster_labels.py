from ml import continue_labels


def model(dbt, session):
    clusters = dbt.ref("rebalanced_clusters").df()
    previous = dbt.ref("previous_clusters").df()
    previous["cluster_id"] = previous["uncorrected_cluster"]
    named = dbt.ref("named_clusters").df()
    return continue_labels(clusters, previous, named)
