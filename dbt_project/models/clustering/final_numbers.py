from ml import allocate_budget
from ml.settings import Budget


def model(dbt, session):
    values = dbt.ref("final_choice").df()
    settings = Budget.model_validate_json(*session.sql("select settings()").fetchone())
    return allocate_budget(values, settings.total_final_clusters)
