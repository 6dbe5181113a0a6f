from ml import prepare, refit_changed
from ml.settings import InternalPreparation

LONG_FORM = {"need_state": "feature", "sales": "value"}


def model(dbt, session):
    stores = dbt.ref("store_eligibility").df()
    sales = dbt.ref("store_need_state_shares").df().rename(columns=LONG_FORM)
    settings = InternalPreparation.model_validate_json(
        *session.sql("select settings()").fetchone()
    )
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    (jobs,) = session.sql("select current_setting('threads')").fetchone()
    return refit_changed(prepare, [stores, sales], settings, earlier=earlier, jobs=jobs)
