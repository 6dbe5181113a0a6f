"""The run tables: what a published run was made from, and how its tests went.

They are read from the registry of builds, and lie beside the marts.
"""

import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import duckdb
import yaml

from clustering.core import sql
from clustering.core.paths import DBT_PROJECT, PROJECT
from clustering.store.signature import hash_file
from clustering.store.warehouse import Warehouse

# The build that the clusters are from; others may have made what they are made from. A
# build that was stopped may have made them anew: then the last one that ended counts.
LAST_BUILD = """
    with recursive

    line as (

        select *
        from builds
        where build_id = :build_id
        union
        select builds.*
        from builds
        inner join line on builds.build_id = line.parent

    )

    select line.build_id, line.finished_at
    from line
    left join results
        on results.build_id = :build_id
        and results.made_by = line.build_id
        and results.resource_type = 'model'
        and results.name = 'store_clusters'
    where finished_at is not null and command <> 'test'
    order by results.node is null, started_at desc
    limit 1
"""

SECONDS = """
    select sum((julianday(finished_at) - julianday(started_at)) * 86400)
    from builds
    where build_id in (
        select made_by
        from results
        where build_id = :build_id and resource_type = 'model'
    )
"""

COUNTS = """
    select
        sum(resource_type <> 'test') as model_count,
        sum(resource_type = 'test') as test_count
    from results
    where build_id = :build_id
"""

SETTINGS = """
    select name, value, is_default = 1
    from settings
    where build_id = :build_id
    order by name
"""

TESTS = """
    select name, model, status, failures, seconds, description
    from results
    where build_id = :build_id and resource_type = 'test'
    order by model, name
"""

INPUTS = """
    select source_table, file, bytes, modified_at
    from inputs
    where build_id = :build_id
    order by source_table, file
"""

TABLES = """
    create table run (
        run_id varchar, built_at timestamp, code_version varchar, seconds double,
        model_count bigint, test_count bigint
    );
    create table run_settings (name varchar, value varchar, is_default boolean);
    create table run_tests (
        test varchar, model varchar, status varchar, failures bigint, seconds double,
        description varchar
    );
    create table run_inputs (
        source_table varchar, file varchar, bytes bigint, modified_at timestamp,
        sha256 varchar
    );
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


def read_run(warehouse: Warehouse) -> tuple[str, datetime]:
    """Return the run id, and when the build ended that the clusters are from."""
    [(run_id,)] = warehouse.connection.execute(
        "select run_id from build.features.run_fingerprint"
    ).fetchall()
    _, finished_at = _last_build(warehouse)
    return run_id, datetime.fromisoformat(finished_at)


def write_run_tables(warehouse: Warehouse, *, marts: list[str]) -> list[str]:
    """Make the run tables in the database in use, and return their names."""
    connection, registry = warehouse.connection, warehouse.registry
    state = {"build_id": warehouse.build_id}
    build_id, _ = _last_build(warehouse)
    run_id, built_at = read_run(warehouse)
    [(seconds,)], [counts] = registry.read(SECONDS, state), registry.read(COUNTS, state)
    run = (run_id, _naive(built_at), code_version(), seconds, *counts)
    connection.execute(TABLES)
    for table, rows in {
        "run": [run],
        "run_settings": registry.read(SETTINGS, {"build_id": build_id}),
        "run_tests": registry.read(TESTS, state),
        "run_inputs": [_describe_input(*row) for row in registry.read(INPUTS, state)],
    }.items():
        _insert(connection, table, rows)
    counts = " union all ".join(
        f"select '{mart}' as table_name, count(*) as row_count from {mart}"
        for mart in marts
    )
    connection.execute(f"create table run_row_counts as {counts}")
    for described, comment in COMMENTS.items():
        connection.execute(f"comment on {described} is {sql.text(comment)}")
    return ["run", "run_settings", "run_inputs", "run_row_counts", "run_tests"]


def _last_build(warehouse: Warehouse) -> tuple[str, str]:
    [row] = warehouse.registry.read(LAST_BUILD, {"build_id": warehouse.build_id})
    return tuple(row)


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence]
) -> None:
    if not rows:
        return
    places = ", ".join("?" * len(rows[0]))
    connection.begin()
    connection.executemany(
        f"insert into {table} values ({places})", [list(row) for row in rows]
    )
    connection.commit()


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


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


def _describe_input(
    source_table: str, file: str, size: int, modified_at: str
) -> list[object]:
    path = DBT_PROJECT / file  # what is relative is so to where dbt runs
    changed = datetime.fromisoformat(modified_at)
    sha256 = hash_file(path) if _is_as_read(path, size, changed) else None
    names = path.parts
    of_table = (i for i, name in enumerate(names) if name.startswith(source_table))
    first = next(of_table, len(names) - 1)
    return [source_table, "/".join(names[first:]), size, _naive(changed), sha256]


def _is_as_read(file: Path, size: int, modified_at: datetime) -> bool:
    if not file.exists():
        return False
    found = file.stat()
    return (found.st_size, int(found.st_mtime)) == (size, int(modified_at.timestamp()))
