from clustering.core.steps import fit_step
from ml import score_candidates
from ml.settings import Search


def model(dbt, session):
    inputs = [
        dbt.ref("external_prepared"),
        dbt.ref("external_projection"),
        dbt.ref("fixed_k_in_force"),
    ]
    return fit_step(dbt, session, score_candidates, inputs, Search, side="external")
