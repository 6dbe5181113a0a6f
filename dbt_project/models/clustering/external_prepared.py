from ml.prepare import prepare


def model(dbt, session):
    features = dbt.ref("selected_external_features").df()
    stores = dbt.ref("external_stores").df()
    settings = dbt.config.meta_get("settings")
    return prepare(features, stores, side="external", **settings)
