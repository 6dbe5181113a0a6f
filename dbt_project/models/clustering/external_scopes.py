from ml.scopes import external_scopes


def model(dbt, session):
    categories = dbt.ref("store_eligibility").project("category").distinct().df()
    values = dbt.ref("store_external_features").filter("category is not null").df()
    fixed = dbt.ref("fixed_k_in_force").filter("side = 'external'").df()
    settings = dbt.config.meta_get("settings")
    if settings["external_scope"] == "global":
        return categories.assign(scope="all categories")
    of_drivers = settings["external_feature_selection"] == "drivers"
    if settings["external_scope"] == "category" or of_drivers:
        return categories.assign(scope=categories["category"])
    return external_scopes(categories["category"], values, fixed["category"])
