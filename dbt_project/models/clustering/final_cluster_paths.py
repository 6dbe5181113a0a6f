from ml import merge_finals, refit_changed
from ml.settings import MergePaths


def model(dbt, session):
    joint = dbt.ref("joint_components").df()
    wanted = dbt.ref("fixed_finals_in_force").df()
    settings = MergePaths.model_validate_json(
        *session.sql("select settings()").fetchone()
    )
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    (jobs,) = session.sql("select current_setting('threads')").fetchone()
    return refit_changed(
        merge_finals, [joint, wanted], settings, earlier=earlier, jobs=jobs
    )
