from ml import fit_clusters, refit_changed
from ml.settings import Fit


def model(dbt, session):
    prepared = dbt.ref("external_prepared").df()
    chosen_k = dbt.ref("external_chosen_k").df()
    settings = Fit.model_validate_json(*session.sql("select settings()").fetchone())
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    (jobs,) = session.sql("select current_setting('threads')").fetchone()
    return refit_changed(
        fit_clusters, [prepared, chosen_k], settings, earlier=earlier, jobs=jobs
    )
