from ml.final import merge_finals
from ml.reuse import Reuse


def model(dbt, session):
    joint = dbt.ref("joint_components").df()
    wanted = dbt.ref("fixed_finals_in_force").df()
    settings = dbt.config.meta_get("settings")
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    reuse = Reuse(earlier, [joint, wanted], settings)
    joint = reuse.changed(joint)
    return reuse.complete(merge_finals(joint, wanted, **settings))
