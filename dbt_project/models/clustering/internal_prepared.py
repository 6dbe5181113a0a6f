from clustering.core.steps import fit_step
from ml import prepare
from ml.settings import InternalPreparation


def model(dbt, session):
    fitted = dbt.ref("fitted_sales")
    stores = fitted.project("store_id, category, is_eligible").distinct()
    sales = fitted.filter("need_state is not null").project(
        "store_id, category, need_state as feature, sales as value, odd_sales"
    )
    return fit_step(dbt, session, prepare, [stores, sales], InternalPreparation)
