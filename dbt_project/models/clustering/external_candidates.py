from ml.candidates import score_candidates
from ml.reuse import Reuse


def model(dbt, session):
    prepared = dbt.ref("external_prepared").df()
    fixed_k = dbt.ref("fixed_k_in_force").df()
    settings = dbt.config.meta_get("settings") | {"side": "external"}
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    reuse = Reuse(earlier, [prepared, fixed_k], settings)
    prepared = reuse.changed(prepared)
    return reuse.complete(score_candidates(prepared, fixed_k, **settings))
