"""Replay a published run: score its own stores from their published features."""

import duckdb
import pandas as pd

from clustering.scoring.inputs import OF_SCOPES
from clustering.scoring.model import Model
from clustering.store.runs import PublishedRun

PUBLISHED = """
    select
        store_id, category, cluster_id, internal_cluster, external_cluster,
        merged_cluster, assignment_method, distance_to_centroid, next_best_cluster
    from store_clusters
    order by category, store_id
"""
SALES = """
    select store_id, category, need_state as feature, sales as value
    from store_need_state_shares
"""
EXTERNAL = (
    "select store_id, category, feature, value, level from store_external_features"
)


def features_of(run: PublishedRun) -> tuple[pd.DataFrame, ...]:
    """Return what is published of each store: clusters, sales and surroundings."""
    model = Model.of_run(run)
    stores, sales, external = map(run.read, (PUBLISHED, SALES, EXTERNAL))
    with duckdb.connect() as connection:
        connection.register("int_external_values", external)
        for table in ("categories", "means"):
            connection.register(table, model.tables[table])
        return stores, sales, connection.sql(OF_SCOPES).df()


def replay(
    run: PublishedRun, *, as_new: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is published of each store, and what the models say of it.

    Parameters
    ----------
    run : PublishedRun
    as_new : bool
        Whether stores go under numbers that the run does not know: what they are
        assigned by is what is known of them, and not that they were there.
    """
    stores, *features = features_of(run)
    frames = [stores[["store_id", "category"]], *features]
    if as_new:
        frames = [one.assign(store_id="new " + one["store_id"]) for one in frames]
    return stores, Model.of_run(run).score(*frames)
