from ml.cluster import fit_clusters


def model(dbt, session):
    prepared = dbt.ref("external_prepared").df()
    chosen_k = dbt.ref("external_chosen_k").df()
    settings = dbt.config.meta_get("settings")
    return fit_clusters(prepared, chosen_k, **settings)
