from clustering.core.steps import fit_step
from ml import fit_clusters
from ml.settings import Fit


def model(dbt, session):
    chosen_k = dbt.ref("internal_ranked_candidates").filter("is_chosen")
    inputs = [dbt.ref("internal_prepared"), chosen_k.project("category, k")]
    return fit_step(dbt, session, fit_clusters, inputs, Fit)
