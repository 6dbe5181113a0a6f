from clustering.core.steps import fit_step
from ml import prepare
from ml.settings import ExternalPreparation

# Every store with external features, in each scope: what sells does not count. One that
# a person excluded from each of its categories takes no part in the fit.
STORES = """
    store_id,
    scope as category,
    coalesce(
        bool_or(reason is distinct from 'excluded') filter (is_listed), true
    ) as is_eligible
"""


def model(dbt, session):
    known = dbt.ref("store_external_features")
    if not known.limit(1).fetchall():  # of no store anything: all are in one cluster
        known = dbt.ref("store_eligibility")
    known = known.project("store_id").distinct()
    listed = dbt.ref("store_eligibility").project(
        "store_id, category, reason, true as is_listed"
    )
    stores = (
        known.join(dbt.ref("external_scopes"), "true")
        .join(listed, "store_id, category", how="left")
        .aggregate(STORES, "store_id, scope")
    )
    features = dbt.ref("selected_external_features")
    return fit_step(dbt, session, prepare, [stores, features], ExternalPreparation)
