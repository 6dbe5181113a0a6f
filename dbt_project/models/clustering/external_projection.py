from clustering.core.steps import fit_step
from ml import fit_projections
from ml.settings import ExternalPreparation


def model(dbt, session):
    inputs = [dbt.ref("external_prepared"), dbt.ref("selected_external_features")]
    return fit_step(dbt, session, fit_projections, inputs, ExternalPreparation)
