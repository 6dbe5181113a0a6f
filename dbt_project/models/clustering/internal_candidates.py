from ml.candidates import score_candidates


def model(dbt, session):
    prepared = dbt.ref("internal_prepared").df()
    fixed_k = dbt.ref("fixed_k").df()
    settings = dbt.config.meta_get("settings")
    return score_candidates(prepared, fixed_k, side="internal", **settings)
