from clustering.core.steps import fit_step
from ml import prepare
from ml.settings import InternalPreparation


def model(dbt, session):
    stores = dbt.ref("store_eligibility")
    sales = dbt.ref("store_need_state_shares").project(
        "* rename (need_state as feature, sales as value)"
    )
    return fit_step(dbt, session, prepare, [stores, sales], InternalPreparation)
