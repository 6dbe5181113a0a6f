from ml import continue_labels


def model(dbt, session):
    clusters = dbt.ref("rebalanced_clusters").df()
    previous = dbt.ref("previous_clusters").df()
    clusters["cluster_id"] = clusters["raw_cluster"]
    previous["cluster_id"] = previous["matched_cluster"]
    named = dbt.ref("named_clusters").df()
    labels = continue_labels(clusters, previous, named)
    names = {"cluster_number": "raw_cluster", "cluster_id": "matched_cluster"}
    return labels.rename(columns=names)
