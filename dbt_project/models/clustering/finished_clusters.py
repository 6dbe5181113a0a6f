from clustering.core.steps import fit_step
from ml import finish_clusters
from ml.settings import Finish


def model(dbt, session):
    inputs = [dbt.ref("merged_clusters"), dbt.ref("chosen_finals")]
    return fit_step(dbt, session, finish_clusters, inputs, Finish)
