from ml import external_scopes
from ml.settings import Scopes


def model(dbt, session):
    categories = dbt.ref("store_eligibility").project("category").distinct().df()
    values = dbt.ref("store_external_features").filter("category is not null").df()
    fixed = dbt.ref("fixed_k_in_force").filter("side = 'external'").df()
    settings = Scopes.model_validate_json(*session.sql("select settings()").fetchone())
    names, alone = categories["category"], fixed["category"]
    return external_scopes(names, values, alone, settings)
