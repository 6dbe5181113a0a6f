from clustering.core.steps import fit_step
from ml import prepare
from ml.settings import ExternalPreparation


def model(dbt, session):
    stores = (
        dbt.ref("store_eligibility")
        .join(dbt.ref("external_scopes"), "category")
        .aggregate("store_id, scope as category, bool_or(is_eligible) as is_eligible")
    )
    features = dbt.ref("selected_external_features")
    return fit_step(dbt, session, prepare, [stores, features], ExternalPreparation)
