from clustering.core.steps import fit_step, keeps_live_fit, read_live
from ml import score_clusters
from ml.settings import ClusterScores

LABELLED = """
    * exclude (raw_cluster, matched_cluster, own_cluster, cluster_id),
    coalesce(own_cluster, cluster_id, matched_cluster) as cluster_id
"""


def model(dbt, session):
    # the stores of the fit, under the numbers that its clusters have now
    finished = dbt.ref("finished_clusters").project("store_id, category, raw_cluster")
    numbers = dbt.ref("numbered_clusters").project(
        "category, raw_cluster, matched_cluster"
    )
    finals = dbt.ref("final_clusters")
    merged = finals.filter("not is_override").project(
        "category, matched_cluster, cluster_id"
    )
    own = finals.filter("is_override").project(
        "store_id, category, cluster_id as own_cluster"
    )
    stores = (
        dbt.ref("merged_clusters")
        .join(finished, "store_id, category")
        .join(numbers.distinct(), "category, raw_cluster")
        .join(merged.distinct(), "category, matched_cluster", how="left")
        .join(own, "store_id, category", how="left")
        .project(LABELLED)
    )
    if keeps_live_fit(session):
        now = stores.project("category, cluster_id").distinct()
        kept = read_live(dbt, session).join(now, "category, cluster_id", how="semi")
        if kept.shape[0] == now.shape[0]:  # else corrections made other clusters
            return kept.project("* replace (true as is_kept)")
    inputs = [stores, dbt.ref("chosen_finals")]
    return fit_step(
        dbt, session, score_clusters, inputs, ClusterScores, is_relabelled=True
    )
