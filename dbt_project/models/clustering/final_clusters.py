from clustering.core.steps import read_settings
from ml import apply_corrections
from ml.settings import Weights


def model(dbt, session):
    clusters = dbt.ref("numbered_clusters").project(
        "* exclude (next_best_cluster) rename (matched_next_best as next_best_cluster)"
    )
    corrections = dbt.ref("effective_corrections").filter("state = 'in force'")
    changed = corrections.filter("action in ('move', 'lock', 'merge')")
    components = dbt.ref("merged_clusters").join(
        changed.project("category"), "category", how="semi"
    )
    settings = read_settings(session, Weights)
    return apply_corrections(clusters.df(), components.df(), corrections.df(), settings)
