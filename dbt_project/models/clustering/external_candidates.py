from ml import refit_changed, score_candidates
from ml.settings import Search


def model(dbt, session):
    prepared = dbt.ref("external_prepared").df()
    fixed_k = dbt.ref("fixed_k_in_force").df()
    settings = Search.model_validate_json(*session.sql("select settings()").fetchone())
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    (jobs,) = session.sql("select current_setting('threads')").fetchone()
    return refit_changed(
        score_candidates,
        [prepared, fixed_k],
        settings,
        earlier=earlier,
        jobs=jobs,
        side="external",
    )
