from clustering.core.steps import read_settings
from ml import allocate_budget
from ml.settings import Budget


def model(dbt, session):
    choices = dbt.ref("final_choice").df()
    budget = read_settings(session, Budget)
    numbers = allocate_budget(choices, budget.total_final_clusters)
    columns = ["category", "basis", "clusters", "internal_ks", "external_ks"]
    return choices[columns].merge(numbers)
