from ml.prepare import prepare


def model(dbt, session):
    features = dbt.ref("store_external_features").df()
    stores = dbt.ref("store_eligibility").df()
    settings = dbt.config.meta_get("settings")
    return prepare(features, stores, side="external", **settings)
