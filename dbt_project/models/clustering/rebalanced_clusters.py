from ml.finish import finish_clusters
from ml.reuse import Reuse


def model(dbt, session):
    joint = dbt.ref("joint_components").df()
    finals = dbt.ref("chosen_finals").df()
    settings = dbt.config.meta_get("settings")
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    reuse = Reuse(earlier, [joint, finals], settings)
    joint = reuse.changed(joint)
    return reuse.complete(finish_clusters(joint, finals, **settings))
