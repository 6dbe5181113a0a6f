from clustering.core.steps import read_settings
from ml import apply_corrections
from ml.settings import Weights

COLUMNS = """
    store_id,
    category,
    matched_cluster,
    is_reassigned,
    silhouette,
    distance_to_centroid,
    matched_next_best as next_best_cluster,
    next_best_distance,
    map_x,
    map_y
"""


def model(dbt, session):
    clusters = dbt.ref("numbered_clusters").project(COLUMNS)
    corrections = dbt.ref("effective_corrections").filter("state = 'in force'")
    changed = corrections.filter("action in ('move', 'lock', 'merge')")
    components = dbt.ref("numbered_clusters").join(
        changed.project("category"), "category", how="semi"
    )
    settings = read_settings(session, Weights)
    return apply_corrections(clusters.df(), components.df(), corrections.df(), settings)
