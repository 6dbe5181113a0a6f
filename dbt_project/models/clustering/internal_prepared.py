from ml.prepare import prepare

LONG_FORM = {"need_state": "feature", "sales": "value"}


def model(dbt, session):
    sales = dbt.ref("store_need_state_shares").df().rename(columns=LONG_FORM)
    stores = dbt.ref("store_eligibility").df()
    settings = dbt.config.meta_get("settings")
    return prepare(sales, stores, side="internal", **settings)
