from clustering.core.steps import keeps_live_fit, read_live, read_settings
from ml import external_scopes
from ml.settings import Scopes


def model(dbt, session):
    categories = dbt.ref("store_eligibility").project("category").distinct()
    if keeps_live_fit(session):
        return read_live(dbt, session).join(categories, "category", how="semi")
    values = dbt.ref("store_external_features").filter("category is not null").df()
    fixed = dbt.ref("fixed_k_in_force").filter("side = 'external'").df()
    settings = read_settings(session, Scopes)
    return external_scopes(
        categories.df()["category"], values, fixed["category"], settings
    )
