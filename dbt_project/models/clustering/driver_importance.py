from ml import find_drivers, refit_changed
from ml.settings import Drivers


def model(dbt, session):
    clusters = dbt.ref("internal_clusters").df()
    features = dbt.ref("store_external_features").df()
    settings = Drivers.model_validate_json(*session.sql("select settings()").fetchone())
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    (jobs,) = session.sql("select current_setting('threads')").fetchone()
    return refit_changed(
        find_drivers, [clusters, features], settings, earlier=earlier, jobs=jobs
    )
