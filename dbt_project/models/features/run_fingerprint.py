import pandas as pd

from clustering.core.steps import read_settings
from ml import fingerprint
from ml.settings import Method


def model(dbt, session):
    frames = [
        dbt.ref("store_need_state_shares")
        .project("store_id, category, need_state, sales, odd_sales")
        .df(),
        dbt.ref("store_external_features")
        .project("store_id, category, feature, value, level")
        .df(),
        dbt.ref("store_eligibility").project("store_id, category, reason").df(),
        dbt.ref("store_split_values")
        .project("store_id, category, feature, split_value")
        .df(),
        dbt.ref("int_corrections")
        .filter("not is_expired")
        .project("action, store_id, category, side, cluster_id, value")
        .df(),
    ]
    # an earlier fit that stores are assigned to is a part of what the result is made of
    held = dbt.ref("fitted_sales").filter("is_held").project("category, fit_id")
    if held.shape[0]:
        frames.append(held.distinct().df())
    settings = read_settings(session, Method).model_dump()
    return pd.DataFrame({"run_id": [fingerprint(frames, settings)]})
