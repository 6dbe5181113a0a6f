from ml.cluster import fit_clusters


def model(dbt, session):
    prepared = dbt.ref("internal_prepared").df()
    chosen_k = dbt.ref("internal_chosen_k").df()
    settings = dbt.config.meta_get("settings")
    return fit_clusters(prepared, chosen_k, **settings)
