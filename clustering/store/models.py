"""The models of a run: all that turns a store's raw features into its clusters.

They lie in the folder ``models`` of each published run, as Parquet, which any program
can read, with a manifest in JSON. :mod:`clustering.scoring` reads them back.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import yaml

from clustering.core import sql
from clustering.core.errors import PipelineError
from clustering.core.files import hash_file
from clustering.store.registry import Registry
from clustering.store.runs import PublishedRun

FOLDER = "models"
MANIFEST = "manifest.json"
# Of the tables below; a folder of a later one is not read.
SCHEMA_VERSION = 2

OWN = "exclude (input_fingerprint, is_kept)"
TABLES = {
    # one row per side, category (or group with one external side) and column
    "projections": f"""
        select 'internal' as side, * {OWN} from build.clustering.internal_projection
        union all by name
        select 'external' as side, * {OWN} from build.clustering.external_projection
        order by side, category, number
    """,
    # one row per category, side and cluster
    "centres": f"""
        select * {OWN}
        from build.clustering.cluster_centres
        order by category, side, cluster
    """,
    # one row per category, side and tree
    "forests": f"""
        select * {OWN}
        from build.clustering.side_forests
        order by category, side, tree
    """,
    # one row per store and category of the run
    "stores": """
        select
            numbered.store_id,
            numbered.category,
            numbered.split_value,
            numbered.internal_components,
            numbered.external_components,
            numbered.internal_cluster,
            numbered.external_cluster,
            numbered.merged_cluster,
            numbered.raw_cluster,
            finals.cluster_id,
            numbered.probability,
            numbered.is_fitted,
            numbered.is_outlier,
            numbered.is_reassigned,
            finals.is_override
        from build.clustering.numbered_clusters as numbered
        inner join build.clustering.final_clusters as finals
            using (store_id, category)
        order by numbered.category, numbered.store_id
    """,
    # one row per final cluster of the fit: what it is called after corrections
    "clusters": """
        with

        numbers as (

            select distinct category, raw_cluster, matched_cluster
            from build.clustering.numbered_clusters

        ),

        merges as (

            select distinct category, matched_cluster, cluster_id
            from build.clustering.final_clusters
            where not is_override

        )

        select
            numbers.category,
            numbers.raw_cluster,
            coalesce(merges.cluster_id, numbers.matched_cluster) as cluster_id,
            names.cluster_name
        from numbers
        left join merges using (category, matched_cluster)
        left join build.clustering.cluster_names as names
            on
                names.category = numbers.category
                and names.cluster_id
                = coalesce(merges.cluster_id, numbers.matched_cluster)
        order by numbers.category, numbers.raw_cluster
    """,
    # one row per category: whose external side it has, and what splits it
    "categories": """
        select
            scopes.category,
            scopes.scope,
            (
                select any_value(split.feature)
                from build.features.store_split_values as split
                where split.category = scopes.category
            ) as split_feature
        from build.clustering.external_scopes as scopes
        order by scopes.category
    """,
    # one row per category and external column of its own: what it is measured in
    "means": """
        select category, feature, avg(abs(value) order by store_id) as mean_value
        from build.marts.store_external_features
        where category is not null and value is not null
        group by category, feature
        order by category, feature
    """,
    # one row per SKU and need state
    "need_states": """
        select category, sku_id, need_state
        from build.intermediate.int_need_states
        order by category, sku_id, need_state
    """,
    # one row per cluster and feature that speaks for itself, with its words
    "features": """
        select
            means.category,
            means.cluster_id,
            means.block,
            means.feature,
            means.column_name,
            means.level,
            means.cluster_mean,
            means.category_mean,
            means.category_deviation,
            means.standard_difference,
            words.kind,
            words.noun,
            words.unit,
            words.phrase_high,
            words.phrase_low
        from build.clustering.cluster_feature_means as means
        inner join build.clustering.feature_representatives as speaking
            using (category, cluster_id, block, feature)
        inner join build.clustering.feature_words as words
            using (category, block, feature)
        where
            speaking.feature = speaking.representative
            and means.category_deviation > 0
        order by all
    """,
}


def write_models(
    connection: duckdb.DuckDBPyConnection, folder: Path, *, run_id: str
) -> None:
    """Write the models of a build into a new folder.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Has the warehouse attached as ``build``; run_settings is in its own database.
    folder : Path
        The folder of the run.
    run_id : str
        Of the run.

    Raises
    ------
    PipelineError
        If the warehouse lacks them.
    """
    models = folder / FOLDER
    models.mkdir()
    try:
        for table, query in TABLES.items():
            file = sql.text(models / f"{table}.parquet")
            connection.execute(f"copy ({query}) to {file} (format parquet)")
    except duckdb.CatalogException as error:
        reason = str(error).splitlines()[0]
        raise PipelineError(
            f"the warehouse lacks models ({reason}), as one does that an earlier"
            " version of this project built; build it again: clustering run"
        ) from None
    settings = connection.execute("select name, value from run_settings").fetchall()
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "run_id": run_id,
        "tables": sorted(TABLES),
        "settings": {name: yaml.safe_load(value) for name, value in settings},
    }
    text = json.dumps(manifest, indent=2, sort_keys=True)
    (models / MANIFEST).write_text(f"{text}\n", encoding="utf-8")


def read_manifest(run: PublishedRun) -> Mapping[str, Any]:
    """Return the manifest of a run's models.

    Raises
    ------
    PipelineError
        If the run has none, or they are of a later schema than this project reads.
    """
    file = run.folder / FOLDER / MANIFEST
    if not file.exists():
        raise PipelineError(
            f"{run.name} has no models: an earlier version of this project published"
            " it; to publish a run that has them: clustering run"
        )
    manifest = json.loads(file.read_text(encoding="utf-8"))
    found = manifest["schema_version"]
    if found > SCHEMA_VERSION:
        raise PipelineError(
            f"{file.parent} has models of schema version {found}, this project reads up"
            f" to {SCHEMA_VERSION}: update the project"
        )
    return manifest


def record_models(run: PublishedRun, registry: Registry) -> None:
    """Write the checksums of a run's models into the registry."""
    files = sorted((run.folder / FOLDER).iterdir())
    rows = [(run.name, file.name, hash_file(file)) for file in files]
    with registry.transaction() as connection:
        connection.execute(
            "create table if not exists models ("
            "run text not null, file text not null, sha256 text not null,"
            " primary key (run, file)) strict, without rowid"
        )
        connection.executemany("insert or replace into models values (?, ?, ?)", rows)
