from ml.prepare import prepare
from ml.reuse import Reuse


def model(dbt, session):
    features = dbt.ref("selected_external_features").df()
    stores = dbt.ref("external_stores").df()
    settings = dbt.config.meta_get("settings") | {"side": "external"}
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    reuse = Reuse(earlier, [features, stores], settings)
    stores = reuse.changed(stores)
    return reuse.complete(prepare(features, stores, **settings))
