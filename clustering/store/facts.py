"""The run tables: what a published run was made from, and how its tests went.

They are read from the schema ``builds`` of the warehouse, which
dbt_project/macros/builds writes, and lie beside the marts.
"""

import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import duckdb
import yaml

from clustering.core import sql
from clustering.core.paths import DBT_PROJECT, PROJECT
from clustering.store.signature import hash_file

# The build that the clusters are from; others may have made what they are made from. A
# build that was stopped later may have made them anew: then the last one counts.
LAST_BUILD = """
    create temporary view last_build as

    with

    stopped as (

        select coalesce(max(started_at), '-infinity') as started_at
        from build.builds.builds
        where finished_at is null and command <> 'test'

    ),

    clustered as (

        select build_id
        from build.builds.results
        where name = 'store_clusters' and resource_type = 'model'

    )

    select builds.*
    from build.builds.builds
    cross join stopped
    left join clustered using (build_id)
    where builds.finished_at is not null and builds.command <> 'test'
    order by
        clustered.build_id is not null and builds.started_at > stopped.started_at desc,
        builds.started_at desc
    limit 1
"""

RUN = """
    create table run as
    select
        (select run_id from build.features.run_fingerprint) as run_id,
        timezone('UTC', finished_at)::timestamp as built_at,
        $code_version as code_version,
        (
            select sum(epoch(finished_at) - epoch(started_at))
            from build.builds.builds
            where build_id in (
                select build_id from build.builds.results where resource_type = 'model'
            )
        ) as seconds,
        (select count(*) from build.builds.results where resource_type <> 'test')
            as model_count,
        (select count(*) from build.builds.results where resource_type = 'test')
            as test_count
    from last_build
"""

RUN_SETTINGS = """
    create table run_settings as
    select name, value, is_default
    from build.builds.settings
    inner join last_build using (build_id)
    order by name
"""

RUN_TESTS = """
    create table run_tests as
    select name as test, model, status, failures, seconds, description
    from build.builds.results
    where resource_type = 'test'
    order by model, test
"""

RUN_INPUTS = """
    create table run_inputs (
        source_table varchar, file varchar, bytes bigint, modified_at timestamp,
        sha256 varchar
    )
"""

INPUT_FILES = """
    select source_table, file, bytes, timezone('UTC', modified_at)::timestamp
    from build.builds.inputs
    inner join build.builds.builds using (build_id)
    where finished_at is not null
    order by source_table, file
"""

COMMENTS = {
    "table run": "One row: when, from what code and how long this run was built.",
    "column run.run_id": "Fingerprint of the features and settings.",
    "column run.built_at": "When its build ended, in UTC.",
    "column run.code_version": "Version of the project, and its commit where known.",
    "column run.seconds": "How long the builds took that it is from.",
    "column run.model_count": "Models and seeds built.",
    "column run.test_count": "Tests of the data that passed, or warned.",
    "table run_settings": "One row per setting, as in dbt_project.yml.",
    "column run_settings.name": "The var.",
    "column run_settings.value": "Its value in this run; lists as in JSON.",
    "column run_settings.is_default": "Whether that is its value in dbt_project.yml.",
    "table run_inputs": "One row per file of the input.",
    "column run_inputs.source_table": "Raw table that it is part of.",
    "column run_inputs.file": "The file, from the name of the table on.",
    "column run_inputs.bytes": "Its size.",
    "column run_inputs.modified_at": "When it was last changed, in UTC.",
    "column run_inputs.sha256": "Its fingerprint; null if it changed since the build.",
    "table run_tests": "One row per test of the data.",
    "column run_tests.test": "The test.",
    "column run_tests.model": "Model or source that it tests.",
    "column run_tests.status": "pass, or warn.",
    "column run_tests.failures": "Rows that it found.",
    "column run_tests.seconds": "How long it took.",
    "column run_tests.description": "What it looks at, where somebody says so.",
    "table run_row_counts": "One row per mart.",
    "column run_row_counts.table_name": "The mart.",
    "column run_row_counts.row_count": "Its rows.",
}


def read_run(connection: duckdb.DuckDBPyConnection) -> tuple[str, datetime]:
    """Return the run id, and when its build ended, of the database ``build``."""
    connection.execute(LAST_BUILD)
    (run_id,) = connection.execute(
        "select run_id from build.features.run_fingerprint"
    ).fetchone()
    (ended,) = connection.execute("select finished_at from last_build").fetchone()
    return run_id, ended.astimezone(UTC)


def write_run_tables(
    connection: duckdb.DuckDBPyConnection, *, marts: list[str]
) -> list[str]:
    """Make the run tables in the database in use, and return their names.

    Call :func:`read_run` before.
    """
    connection.execute(RUN, {"code_version": code_version()})
    for statement in (RUN_SETTINGS, RUN_TESTS, RUN_INPUTS):
        connection.execute(statement)
    _add_inputs(connection)
    counts = " union all ".join(
        f"select '{mart}' as table_name, count(*) as row_count from {mart}"
        for mart in marts
    )
    connection.execute(f"create table run_row_counts as {counts}")
    for described, comment in COMMENTS.items():
        connection.execute(f"comment on {described} is {sql.text(comment)}")
    return ["run", "run_settings", "run_inputs", "run_row_counts", "run_tests"]


def code_version() -> str:
    """Return the project's version, and the commit where this is a checkout.

    A commit that ends in ``+`` has changes on top.
    """
    release = _release()
    commit = _git("rev-parse", "--short=12", "HEAD")
    if not commit:
        return release
    return f"{release} {commit}{'+' if _git('status', '--porcelain') else ''}"


def _release() -> str:
    """Return the version of the project; where there is none, of this package."""
    settings = DBT_PROJECT / "dbt_project.yml"
    if not settings.exists():
        return metadata.version("store-clustering")
    return yaml.safe_load(settings.read_text())["version"]


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(PROJECT), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:  # no git here
        return ""
    return done.stdout.strip()


def _add_inputs(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [_describe_input(*row) for row in connection.execute(INPUT_FILES).fetchall()]
    connection.begin()
    connection.executemany("insert into run_inputs values (?, ?, ?, ?, ?)", rows)
    connection.commit()


def _describe_input(
    source_table: str, file: str, size: int, modified_at: datetime
) -> list[object]:
    path = DBT_PROJECT / file  # what is relative is so to where dbt runs
    sha256 = hash_file(path) if _is_as_read(path, size, modified_at) else None
    names = path.parts
    of_table = (i for i, name in enumerate(names) if name.startswith(source_table))
    first = next(of_table, len(names) - 1)
    return [source_table, "/".join(names[first:]), size, modified_at, sha256]


def _is_as_read(file: Path, size: int, modified_at: datetime) -> bool:
    if not file.exists():
        return False
    found = file.stat()
    seconds = int(modified_at.replace(tzinfo=UTC).timestamp())
    return (found.st_size, int(found.st_mtime)) == (size, seconds)
