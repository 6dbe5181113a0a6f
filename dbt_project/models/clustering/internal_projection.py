from clustering.core.steps import fit_step
from ml import fit_projections
from ml.settings import InternalPreparation


def model(dbt, session):
    sales = (
        dbt.ref("fitted_sales")
        .filter("need_state is not null")
        .project("store_id, category, need_state as feature, sales as value, odd_sales")
    )
    inputs = [dbt.ref("internal_prepared"), sales]
    return fit_step(dbt, session, fit_projections, inputs, InternalPreparation)
