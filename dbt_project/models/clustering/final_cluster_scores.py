from ml.bootstrap import CONSIDERED
from ml.firmness import score_finals
from ml.reuse import Reuse


def model(dbt, session):
    joint = dbt.ref("joint_components").df()
    paths = dbt.ref("final_cluster_paths").df()
    candidates = dbt.ref("side_candidates").df()[list(CONSIDERED)]
    settings = dbt.config.meta_get("settings")
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    reuse = Reuse(earlier, [joint, paths, candidates], settings)
    joint = reuse.changed(joint)
    return reuse.complete(score_finals(joint, paths, candidates, **settings))
