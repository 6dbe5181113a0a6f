from ml.pairs import pair_clusters


def model(dbt, session):
    sides = dbt.ref("paired_sides").df()
    settings = dbt.config.meta_get("settings")
    return pair_clusters(sides, **settings)
