from clustering.core.steps import fit_step
from ml import pair_clusters
from ml.settings import Randomness


def model(dbt, session):
    return fit_step(dbt, session, pair_clusters, [dbt.ref("paired_sides")], Randomness)
