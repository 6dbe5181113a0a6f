from ml.corrections import apply_corrections


def model(dbt, session):
    clusters = dbt.ref("numbered_clusters").df()
    components = dbt.ref("corrected_components").df()
    corrections = dbt.ref("effective_corrections").filter("state = 'in force'").df()
    settings = dbt.config.meta_get("settings")
    return apply_corrections(clusters, components, corrections, **settings)
