from ml import finish_clusters, refit_changed
from ml.settings import Finish


def model(dbt, session):
    joint = dbt.ref("joint_components").df()
    finals = dbt.ref("chosen_finals").df()
    settings = Finish.model_validate_json(*session.sql("select settings()").fetchone())
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    (jobs,) = session.sql("select current_setting('threads')").fetchone()
    return refit_changed(
        finish_clusters, [joint, finals], settings, earlier=earlier, jobs=jobs
    )
