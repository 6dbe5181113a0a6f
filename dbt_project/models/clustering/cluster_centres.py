from clustering.core.steps import fit_step
from ml import fit_centres
from ml.settings import Weights

OF_SCOPES = "store_id, category as scope, components"
CLUSTERS = "store_id, category as scope, cluster, is_fitted"


def model(dbt, session):
    external = (
        dbt.ref("external_prepared")
        .project(OF_SCOPES)
        .join(dbt.ref("external_clusters").project(CLUSTERS), "store_id, scope")
        .join(dbt.ref("external_scopes"), "scope")
        .project("store_id, category, components, cluster, is_fitted")
    )
    inputs = [dbt.ref("merged_clusters"), dbt.ref("finished_clusters"), external]
    return fit_step(dbt, session, fit_centres, inputs, Weights)
