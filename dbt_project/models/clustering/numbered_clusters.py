from ml import number_clusters

# Clusters that people wrote about, and those that they merged others into.
NAMED = """
    category,
    unnest([
        cluster_id, case when action = 'merge' then cast(value as integer) end
    ]) as cluster_id
"""


def model(dbt, session):
    clusters = dbt.ref("rebalanced_clusters").project(
        "* exclude (input_fingerprint, is_kept)"
    )
    corrections = dbt.ref("int_corrections").filter("not is_expired")
    named = corrections.project(NAMED).filter("cluster_id is not null")
    previous = dbt.ref("previous_clusters")
    return number_clusters(clusters.df(), previous.df(), named.df())
