from clustering.core.steps import fit_step
from ml import score_finals
from ml.bootstrap import CONSIDERED
from ml.settings import FinalScores


def model(dbt, session):
    internal = dbt.ref("internal_ranked_candidates").project("*, 'internal' as side")
    external = dbt.ref("external_ranked_candidates").project("*, 'external' as side")
    internal, external = (
        candidates.project(", ".join(CONSIDERED)) for candidates in (internal, external)
    )
    inputs = [
        dbt.ref("merged_clusters"),
        dbt.ref("final_cluster_paths"),
        internal.union(external),
    ]
    return fit_step(dbt, session, score_finals, inputs, FinalScores)
