from clustering.core.steps import fit_step
from ml import find_drivers
from ml.settings import Drivers


def model(dbt, session):
    inputs = [dbt.ref("internal_clusters"), dbt.ref("store_external_features")]
    return fit_step(dbt, session, find_drivers, inputs, Drivers)
