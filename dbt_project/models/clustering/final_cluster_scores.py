from ml import refit_changed, score_finals
from ml.bootstrap import CONSIDERED
from ml.settings import FinalScores


def model(dbt, session):
    joint = dbt.ref("joint_components").df()
    paths = dbt.ref("final_cluster_paths").df()
    candidates = dbt.ref("side_candidates").df()[list(CONSIDERED)]
    settings = FinalScores.model_validate_json(
        *session.sql("select settings()").fetchone()
    )
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    (jobs,) = session.sql("select current_setting('threads')").fetchone()
    return refit_changed(
        score_finals, [joint, paths, candidates], settings, earlier=earlier, jobs=jobs
    )
