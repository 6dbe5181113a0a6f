"""The history of clusters: each store's cluster by version, from when to when.

It is written when a version goes live, from the history of the version before: a build
cannot know whether and when somebody approves it. The run itself stays as it is.
"""

import shutil
from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import datetime
from pathlib import Path

import duckdb

from clustering.core import sql
from clustering.core.files import write_to_disk
from clustering.store.runs import PublishedRun
from clustering.store.versions import Version

VERSIONS = """
    create or replace table cluster_versions (
        version integer, run varchar, state varchar, created_at timestamp,
        decided_at timestamp, decided_by varchar, reason varchar,
        effective_from timestamp, effective_to timestamp, scenario varchar
    )
"""

EMPTY = """
    create temporary table before (
        store_id varchar, category varchar, cluster_id integer, cluster_name varchar,
        version integer, run_id varchar, effective_from timestamp,
        effective_to timestamp
    )
"""

# A row goes on while the store stays in its cluster and the cluster keeps its name.
HISTORY = """
    create or replace table cluster_history as

    with

    goes_on as (

        select before.store_id, before.category
        from before
        inner join store_clusters using (store_id, category, cluster_id, cluster_name)
        where before.effective_to is null

    ),

    closed as (

        select
            * replace (
                case
                    when effective_to is null and not exists (
                        select 1 from goes_on
                        where
                            goes_on.store_id = before.store_id
                            and goes_on.category = before.category
                    ) then $at
                    else effective_to
                end as effective_to
            )
        from before

    ),

    begun as (

        select
            store_id,
            category,
            cluster_id,
            cluster_name,
            $version::integer as version,
            run_id,
            $at::timestamp as effective_from,
            null::timestamp as effective_to
        from store_clusters
        anti join goes_on using (store_id, category)

    )

    from closed
    union all
    from begun
    order by category, store_id, effective_from, version
"""

COMMENTS = {
    "table cluster_versions": "One row per version: every run that was published.",
    "column cluster_versions.version": "Its number, in the order of creation.",
    "column cluster_versions.run": "Name of the published run.",
    "column cluster_versions.state": "created, ready, approved, rejected, superseded.",
    "column cluster_versions.created_at": "When it was made, in UTC.",
    "column cluster_versions.decided_at": "When its state was decided, in UTC.",
    "column cluster_versions.decided_by": "Who decided: a person, or the policy.",
    "column cluster_versions.reason": "Why.",
    "column cluster_versions.effective_from": "When it went live, in UTC.",
    "column cluster_versions.effective_to": "When another version went live, in UTC.",
    "column cluster_versions.scenario": "The scenario that it was made for.",
    "table cluster_history": "One row per store, category and time in one cluster.",
    "column cluster_history.store_id": "Store number.",
    "column cluster_history.category": "Product category.",
    "column cluster_history.cluster_id": "Its cluster in that time.",
    "column cluster_history.cluster_name": "The name of the cluster in that time.",
    "column cluster_history.version": "Number of the version that began it.",
    "column cluster_history.run_id": "Run id of that version.",
    "column cluster_history.effective_from": "Since when, in UTC.",
    "column cluster_history.effective_to": "Until when, in UTC; null: until now.",
}
TABLES = ("cluster_versions", "cluster_history")


def write_history(
    folder: Path,
    run: PublishedRun,
    *,
    before: PublishedRun | None,
    versions: Sequence[Version],
    at: datetime,
) -> None:
    """Write a run with cluster_versions and cluster_history into a folder.

    Parameters
    ----------
    folder : Path
        An empty folder.
    run : PublishedRun
        The run that is about to go live; Parquet files become links to its own.
    before : PublishedRun or None
        The live version, another one.
    versions : sequence of Version
        All versions, as they are when ``run`` is live.
    at : datetime
        From when it is, in UTC.
    """
    number = next(version.number for version in versions if version.run == run.name)
    for file in run.folder.glob("*.parquet"):
        if file.stem not in TABLES:  # a run of an earlier version has its own
            _link(file, folder / file.name)
    database = PublishedRun(folder).database
    shutil.copy2(run.database, database)
    with duckdb.connect(str(database)) as connection:
        _write_versions(connection, versions)
        connection.execute(EMPTY)
        if before:
            _read_before(connection, before, versions)
        moment = at.replace(tzinfo=None)
        connection.execute(HISTORY, {"at": moment, "version": number})
        for described, comment in COMMENTS.items():
            connection.execute(f"comment on {described} is {sql.text(comment)}")
        for table in TABLES:
            file = sql.text(folder / f"{table}.parquet")
            connection.execute(f"copy {table} to {file} (format parquet)")
    for file in [database, *(folder / f"{table}.parquet" for table in TABLES), folder]:
        write_to_disk(file)


def _link(file: Path, link: Path) -> None:
    """Hard-link a file, or copy it if the file system has no hard links."""
    try:
        link.hardlink_to(file)
    except OSError:
        shutil.copy2(file, link)


def _write_versions(
    connection: duckdb.DuckDBPyConnection, versions: Sequence[Version]
) -> None:
    connection.execute(VERSIONS)
    rows = [
        [
            one.replace(tzinfo=None) if isinstance(one, datetime) else one
            for one in astuple(version)
        ]
        for version in sorted(versions, key=lambda version: version.number)
    ]
    places = ", ".join("?" * len(fields(Version)))
    connection.executemany(f"insert into cluster_versions values ({places})", rows)


def _read_before(
    connection: duckdb.DuckDBPyConnection,
    before: PublishedRun,
    versions: Sequence[Version],
) -> None:
    """Copy the history of the live version, which may begin with it."""
    file = before.folder / "cluster_history.parquet"
    if file.exists():
        connection.execute(
            "insert into before by name from read_parquet(?)", [str(file)]
        )
        return
    version = next(one for one in versions if one.run == before.name)
    connection.execute(
        "insert into before by name"
        " select store_id, category, cluster_id, cluster_name, run_id,"
        " ?::integer as version, ?::timestamp as effective_from from read_parquet(?)",
        [
            version.number,
            (version.effective_from or version.created_at).replace(tzinfo=None),
            str(before.folder / "store_clusters.parquet"),
        ],
    )
