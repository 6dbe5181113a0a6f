from ml import pair_clusters, refit_changed
from ml.settings import Randomness


def model(dbt, session):
    sides = dbt.ref("paired_sides").df()
    settings = Randomness.model_validate_json(
        *session.sql("select settings()").fetchone()
    )
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    (jobs,) = session.sql("select current_setting('threads')").fetchone()
    return refit_changed(pair_clusters, [sides], settings, earlier=earlier, jobs=jobs)
