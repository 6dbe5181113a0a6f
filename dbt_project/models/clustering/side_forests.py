from clustering.core.steps import fit_step
from ml import grow_forests
from ml.settings import Randomness


def model(dbt, session):
    return fit_step(dbt, session, grow_forests, [dbt.ref("paired_sides")], Randomness)
