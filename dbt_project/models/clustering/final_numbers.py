from ml.budget import allocate_budget


def model(dbt, session):
    values = dbt.ref("final_choice").df()
    return allocate_budget(values, **dbt.config.meta_get("settings"))
