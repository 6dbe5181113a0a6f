from clustering.core.steps import fit_step
from ml import score_clusters
from ml.settings import ClusterScores


def model(dbt, session):
    clusters = dbt.ref("final_clusters").project("store_id, category, cluster_id")
    stores = dbt.ref("merged_clusters").join(clusters, "store_id, category")
    inputs = [stores, dbt.ref("chosen_finals")]
    return fit_step(dbt, session, score_clusters, inputs, ClusterScores)
