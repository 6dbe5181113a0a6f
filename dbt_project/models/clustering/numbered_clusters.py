from clustering.core.steps import fit_step
from ml import finish_clusters, number_clusters
from ml.settings import Finish

# Clusters that people wrote about, and those that they merged others into.
NAMED = """
    category,
    unnest([
        cluster_id, case when action = 'merge' then cast(value as integer) end
    ]) as cluster_id
"""


def model(dbt, session):
    inputs = [dbt.ref("merged_clusters"), dbt.ref("chosen_finals")]
    clusters = fit_step(dbt, session, finish_clusters, inputs, Finish)
    # numbers fit nothing, and follow another run each time
    corrections = dbt.ref("int_corrections").filter("not is_expired")
    named = corrections.project(NAMED).filter("cluster_id is not null")
    previous = dbt.ref("previous_clusters")
    return number_clusters(clusters, previous.df(), named.df())
