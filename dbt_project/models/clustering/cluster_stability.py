from ml import refit_changed, score_clusters
from ml.settings import ClusterScores


def model(dbt, session):
    stores = dbt.ref("clustered_components").df()
    finals = dbt.ref("chosen_finals").df()
    settings = ClusterScores.model_validate_json(
        *session.sql("select settings()").fetchone()
    )
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    (jobs,) = session.sql("select current_setting('threads')").fetchone()
    return refit_changed(
        score_clusters, [stores, finals], settings, earlier=earlier, jobs=jobs
    )
