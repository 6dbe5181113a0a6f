from ml import apply_corrections
from ml.settings import Weights


def model(dbt, session):
    clusters = dbt.ref("numbered_clusters").df()
    components = dbt.ref("corrected_components").df()
    corrections = dbt.ref("effective_corrections").filter("state = 'in force'").df()
    settings = Weights.model_validate_json(*session.sql("select settings()").fetchone())
    return apply_corrections(clusters, components, corrections, settings)
