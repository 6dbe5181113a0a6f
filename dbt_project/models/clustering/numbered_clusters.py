from clustering.core.steps import keeps_live_fit, read_settings
from ml import assign_stores, number_clusters, place_surroundings
from ml.assignment import ASSIGNED
from ml.frames import typed_frame
from ml.settings import InternalPreparation

SALES = "store_id, category, need_state as feature, sales as value"
# Clusters that people wrote about, and those that they merged others into.
NAMED = """
    category,
    unnest([
        cluster_id, case when action = 'merge' then cast(value as integer) end
    ]) as cluster_id
"""


def model(dbt, session):
    corrections = dbt.ref("int_corrections").filter("not is_expired")
    named = corrections.project(NAMED).filter("cluster_id is not null")
    previous = dbt.ref("previous_clusters")
    return number_clusters(_assign(dbt, session), previous.df(), named.df())


def _assign(dbt, session):
    """Return stores as they were fitted, or as they are assigned to an earlier fit."""
    held = dbt.ref("fitted_sales").filter("is_held").project("category").distinct()
    fitted = (
        dbt.ref("merged_clusters")
        .join(dbt.ref("finished_clusters"), "store_id, category")
        .project(", ".join(ASSIGNED))
    )
    as_fitted = fitted.join(held, "category", how="anti").project(", ".join(ASSIGNED))
    if not held.shape[0]:
        return typed_frame([as_fitted.df()], ASSIGNED)
    sales = dbt.ref("store_need_state_shares").join(held, "category", how="semi")
    fit = [
        dbt.ref("internal_projection"),
        dbt.ref("cluster_centres"),
        dbt.ref("side_forests"),
    ]
    assigned = assign_stores(
        _surroundings(dbt, session, held),
        sales.project(SALES).df(),
        fitted.join(held, "category", how="semi").df(),
        *(table.join(held, "category", how="semi").df() for table in fit),
        read_settings(session, InternalPreparation),
    )
    return typed_frame([as_fitted.df(), assigned], ASSIGNED)


def _surroundings(dbt, session, held):
    """Return the stores of now, and what is known of them beside their sales."""
    split = dbt.ref("store_split_values").project("store_id, category, split_value")
    stores = (
        dbt.ref("store_eligibility")
        .project("store_id, category")
        .join(held, "category", how="semi")
        .join(dbt.ref("external_scopes"), "category")
        .join(split, "store_id, category", how="left")
    )
    if keeps_live_fit(session):
        return place_surroundings(
            stores.df(),
            dbt.ref("selected_external_features").df(),
            dbt.ref("external_projection").df(),
        )
    components = dbt.ref("external_prepared").project(
        "store_id, category as scope, components as external_components"
    )
    clusters = dbt.ref("external_clusters").project(
        "store_id, category as scope, cluster as external_cluster"
    )
    return (
        stores.join(components, "store_id, scope", how="left")
        .join(clusters, "store_id, scope", how="left")
        .df()
    )
