from ml.cluster import fit_clusters
from ml.reuse import Reuse


def model(dbt, session):
    prepared = dbt.ref("external_prepared").df()
    chosen_k = dbt.ref("external_chosen_k").df()
    settings = dbt.config.meta_get("settings")
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    reuse = Reuse(earlier, [prepared, chosen_k], settings)
    prepared = reuse.changed(prepared)
    return reuse.complete(fit_clusters(prepared, chosen_k, **settings))
