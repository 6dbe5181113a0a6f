from ml.candidates import score_candidates


def model(dbt, session):
    prepared = dbt.ref("external_prepared").df()
    settings = dbt.config.meta_get("settings")
    return score_candidates(prepared, **settings)
