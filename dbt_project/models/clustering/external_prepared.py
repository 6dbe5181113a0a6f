from ml import prepare, refit_changed
from ml.settings import ExternalPreparation


def model(dbt, session):
    stores = dbt.ref("external_stores").df()
    features = dbt.ref("selected_external_features").df()
    settings = ExternalPreparation.model_validate_json(
        *session.sql("select settings()").fetchone()
    )
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    (jobs,) = session.sql("select current_setting('threads')").fetchone()
    return refit_changed(
        prepare, [stores, features], settings, earlier=earlier, jobs=jobs
    )
