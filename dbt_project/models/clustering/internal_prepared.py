from ml.prepare import prepare

LONG_FORM = {"need_state": "feature", "sales_share": "value"}


def model(dbt, session):
    shares = dbt.ref("store_need_state_shares").df().rename(columns=LONG_FORM)
    stores = dbt.ref("store_eligibility").df()
    settings = dbt.config.meta_get("settings")
    return prepare(shares, stores, side="internal", **settings)
