"""What a run is made from: its signature before a build, its run tables after it.

The run tables are read from the registry, and published beside the marts.
"""

import csv
import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path

import duckdb
import yaml

from clustering.core import sql
from clustering.core.clock import read_day
from clustering.core.contract import read_contract
from clustering.core.errors import PipelineError
from clustering.core.files import hash_file
from clustering.core.input.files import copies_of, entries_of
from clustering.core.input.remote import shown
from clustering.core.mapping import MappedTable
from clustering.core.mapping import Mapping as InputMapping
from clustering.core.paths import CODE, DBT_PROJECT, PROJECT
from clustering.core.seam import MANIFEST
from clustering.store.warehouse import REMEDY, Warehouse

# The build that made the clusters; one that was stopped has no end, so that the last
# one that had a part in this state counts.
LAST_BUILD = """
    with makers as (

        select
            builds.build_id, builds.started_at, builds.finished_at,
            max(results.name = 'store_clusters') as has_made_clusters
        from results
        inner join builds on builds.build_id = results.made_by
        where results.build_id = :build_id and results.resource_type <> 'test'
        group by builds.build_id

    )

    select build_id, coalesce(finished_at, started_at) as ended_at
    from makers
    order by finished_at is null, has_made_clusters desc, started_at desc
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

NEWEST_PERIOD = """
    select max(period_start) from build.intermediate.int_periods where is_dated
"""

TABLES = """
    create table run (
        run_id varchar, built_at timestamp, code_version varchar, seconds double,
        model_count bigint, test_count bigint, newest_period date
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
    "column run.newest_period": "Begin of the newest period of sales; null without.",
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
    """Return the run id, and when the build that made the clusters ended."""
    [(run_id,)] = warehouse.connection.execute(
        "select run_id from build.features.run_fingerprint"
    ).fetchall()
    _, ended_at = _last_build(warehouse)
    return run_id, datetime.fromisoformat(ended_at)


def write_run_tables(warehouse: Warehouse, *, marts: list[str]) -> list[str]:
    """Create the run tables in the current database, and return their names."""
    connection, registry = warehouse.connection, warehouse.registry
    state = {"build_id": warehouse.build_id}
    build_id, _ = _last_build(warehouse)
    run_id, built_at = read_run(warehouse)
    [(seconds,)], [counts] = registry.read(SECONDS, state), registry.read(COUNTS, state)
    [(newest,)] = connection.execute(NEWEST_PERIOD).fetchall()
    run = (run_id, _naive(built_at), code_version(), seconds, *counts, newest)
    connection.execute(TABLES)
    for table, rows in {
        "run": [run],
        "run_settings": registry.read(SETTINGS, {"build_id": build_id}),
        "run_tests": registry.read(TESTS, state),
        "run_inputs": [_describe_input(*row) for row in registry.read(INPUTS, state)],
    }.items():
        _insert(connection, table, rows)
    counts = " union all ".join(
        f"select {sql.text(mart)} as table_name, count(*) as row_count"
        f" from {sql.name(mart)}"
        for mart in marts
    )
    connection.execute(f"create table run_row_counts as {counts}")
    for described, comment in COMMENTS.items():
        connection.execute(f"comment on {described} is {sql.text(comment)}")
    return ["run", "run_settings", "run_inputs", "run_row_counts", "run_tests"]


def _last_build(warehouse: Warehouse) -> tuple[str, str]:
    """Return the id and the end of the build that the clusters are from.

    Raises
    ------
    PipelineError
        If no build of what is in the warehouse is recorded.
    """
    rows = warehouse.registry.read(LAST_BUILD, {"build_id": warehouse.build_id})
    if not rows:
        raise PipelineError(f"no build of the warehouse is recorded; {REMEDY}")
    return rows[0]["build_id"], rows[0]["ended_at"]


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


# What computes: another version may give other figures.
LIBRARIES = ("duckdb", "dbt-core", "numpy", "pandas", "scikit-learn", "scipy")


def sign(
    *,
    internal: Path,
    external: Path,
    settings: Mapping[str, object],
    today: date,
    mapping: InputMapping | None = None,
    seam: Path | None = None,
    fit: Sequence[object] = (),
) -> str:
    """Return the signature of a build, a hash of every file, setting and line of code.

    Contents are read, not times: a file that was copied is the same file.

    Parameters
    ----------
    internal, external : Path
        Folders of the raw tables.
    settings : mapping
        Vars of dbt_project.yml that the build sets otherwise.
    today : date
        Corrections of people in the seeds end with their day.
    mapping : Mapping or None
        Which files and columns the raw tables are read from.
    seam : Path or None
        Folder that the build goes on from, instead; its manifest has the hashes.
    fit : sequence
        What :func:`clustering.store.fit.sign_fit` returns.
    """
    mapping = mapping or InputMapping()
    folders = {"INTERNAL_DATA_DIR": internal, "EXTERNAL_DATA_DIR": external}
    parts = {
        "input": {"seam": _contents(seam.glob(MANIFEST))}
        if seam
        else {
            table.name: _contents(
                _files_of(table.name, folders[table.variable], mapping)
            )
            for table in read_contract(DBT_PROJECT)
        },
        "mapping": {
            "database": mapping.database,
            "tables": {name: _said(table) for name, table in mapping.tables.items()},
        },
        "settings": dict(settings),
        "code": _contents(_files(CODE)),
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
        "expired": _expired(today),
        "fit": list(fit),
    }
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def stamp_input(
    *,
    internal: Path,
    external: Path,
    mapping: InputMapping | None = None,
    seam: Path | None = None,
) -> frozenset[tuple[str, int, int]]:
    """Return name, size and time of every file of the raw tables, which are not read.

    Parameters are those of :func:`sign`. A table of a database or of another machine
    is read from a copy, which nobody exchanges.
    """
    folders = {"INTERNAL_DATA_DIR": internal, "EXTERNAL_DATA_DIR": external}
    files = (
        list(seam.iterdir())
        if seam
        else [
            file
            for table in read_contract(DBT_PROJECT)
            for file in _local_files_of(
                table.name, folders[table.variable], mapping or InputMapping()
            )
        ]
    )
    found = [(file, file.stat()) for file in files]
    return frozenset((str(file), at.st_size, at.st_mtime_ns) for file, at in found)


def _files_of(table: str, folder: Path, mapping: InputMapping) -> list[Path]:
    """Return every file that may be of a table, read or not; of others new copies."""
    return _local_files_of(table, folder, mapping) + copies_of(table, mapping)


def _local_files_of(table: str, folder: Path, mapping: InputMapping) -> list[Path]:
    named = entries_of(table, folder, mapping)
    inside = (file for one in named for file in (one, *one.rglob("*")))
    return [file for file in inside if file.is_file()]


def _said(mapped: MappedTable) -> dict[str, object]:
    """Return a mapping without what gives access to its files: that may change."""
    files = [shown(pattern) for pattern in mapped.patterns]
    return mapped.model_dump(mode="json") | {"files": files}


def _expired(today: date) -> list[list[str]]:
    """Return the rows of seeds that have expired."""
    rows = []
    for seed in sorted((DBT_PROJECT / "seeds").glob("*.csv")):
        # a file that cannot be read is reported later, by name
        with seed.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            rows += [
                [seed.stem, *map(str, row.values())]
                for row in csv.DictReader(file)
                if _is_over(row.get("expires_on"), today=today)
            ]
    return rows


def _is_over(expires_on: str | None, *, today: date) -> bool:
    day = read_day((expires_on or "").strip())
    return day is not None and day < today


def _files(places: Iterable[Path]) -> list[Path]:
    found = (file for place in places for file in (place, *place.rglob("*")))
    return [
        file for file in found if file.is_file() and "__pycache__" not in file.parts
    ]


def _contents(files: Iterable[Path]) -> list[tuple[str, str]]:
    """Return the name and hash of each file, whatever its folder."""
    return sorted((file.name, hash_file(file)) for file in files)
