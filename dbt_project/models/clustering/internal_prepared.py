from ml.prepare import prepare
from ml.reuse import Reuse

LONG_FORM = {"need_state": "feature", "sales": "value"}


def model(dbt, session):
    sales = dbt.ref("store_need_state_shares").df().rename(columns=LONG_FORM)
    stores = dbt.ref("store_eligibility").df()
    settings = dbt.config.meta_get("settings") | {"side": "internal"}
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    reuse = Reuse(earlier, [sales, stores], settings)
    stores = reuse.changed(stores)
    return reuse.complete(prepare(sales, stores, **settings))
