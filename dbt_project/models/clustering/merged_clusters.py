from clustering.core.steps import fit_step
from ml import pair_clusters
from ml.settings import Group


def model(dbt, session):
    inputs = [dbt.ref("paired_sides"), dbt.ref("side_forests")]
    return fit_step(dbt, session, pair_clusters, inputs, Group)
