from clustering.core.steps import fit_step
from ml import fit_clusters
from ml.settings import Fit


def model(dbt, session):
    chosen_k = dbt.ref("external_ranked_candidates").filter("is_chosen")
    of_scopes = chosen_k.project("scope as category, k").distinct()
    inputs = [dbt.ref("external_prepared"), of_scopes]
    return fit_step(dbt, session, fit_clusters, inputs, Fit)
