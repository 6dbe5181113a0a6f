from ml import describe_changes


def model(dbt, session):
    clusters = dbt.ref("final_clusters").df()
    previous = dbt.ref("previous_clusters").df()
    return describe_changes(clusters, previous)
