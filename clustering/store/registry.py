"""The registry of builds: who started them, from what, and what became of them.

dbt_project/macros/builds writes it, in the schema ``builds`` of the warehouse.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from clustering.core import sql
from clustering.core.errors import PipelineError
from clustering.store.build_state import check_build
from clustering.store.facts import read_run
from clustering.store.runs import RUNS, PublishedRun, current_run, run_name
from clustering.store.versions import read_versions

BUILDS = """
    select
        build_id, command, started_at, finished_at, status, started_by, environment,
        tags, code_version, signature, follows
    from build.builds.builds
    order by started_at desc
    limit $most
"""

BAD = """
    select resource_type, name, message
    from build.builds.results
    where build_id = $build_id and status not in ('success', 'pass', 'warn', 'skipped')
    order by resource_type = 'test', name
"""

HELD = re.compile(r"PID (\d+)")


@dataclass(frozen=True)
class Build:
    """One build: a command of dbt that changed the warehouse, or tested it."""

    build_id: str
    command: str
    started_at: datetime
    finished_at: datetime | None
    status: str | None
    started_by: str | None
    environment: str | None
    tags: list[str] | None
    code_version: str | None
    signature: str | None
    follows: str | None

    @property
    def state(self) -> str:
        """What became of it: passed, failed or stopped."""
        return "stopped" if self.finished_at is None else self.status or "passed"


class BusyError(Exception):
    """A build is under way: no other process can read the warehouse.

    Parameters
    ----------
    process : str or None
        Id of the process that has it.
    """

    def __init__(self, process: str | None) -> None:
        super().__init__(f"the warehouse is open in process {process}")
        self.process = process


@contextmanager
def open_warehouse(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection that has the warehouse attached as ``build``, to read.

    Raises
    ------
    BusyError
        If a build is under way.
    """
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {sql.text(warehouse)} as build (read_only)")
        except duckdb.IOException as error:
            held = HELD.search(str(error))
            raise BusyError(held and held[1]) from None
        yield connection


def last_builds(warehouse: Path, *, most: int = 10) -> list[Build]:
    """Return the newest builds, the last one first; none where there is no warehouse.

    Raises
    ------
    BusyError
        If a build is under way.
    """
    if not warehouse.exists():
        return []
    with open_warehouse(warehouse) as connection:
        return _read_builds(connection, most=most)


def read_failures(warehouse: Path, build: Build) -> list[tuple[str, str, str]]:
    """Return resource type, name and message of what failed in a build."""
    with open_warehouse(warehouse) as connection:
        return connection.execute(BAD, {"build_id": build.build_id}).fetchall()


def find_unpublished(warehouse: Path, published: Path) -> str | None:
    """Return the name of the run that is whole and good, and that nobody published.

    Raises
    ------
    BusyError
        If a build is under way.
    """
    if not warehouse.exists():
        return None
    with open_warehouse(warehouse) as connection:
        try:
            check_build(connection)
        except PipelineError:
            return None
        run_id, built_at = read_run(connection)
    name = run_name(run_id, built_at=built_at)
    known = {version.run for version in read_versions(published)}
    return None if name in known else name


def find_same(
    warehouse: Path, published: Path, *, signature: str
) -> PublishedRun | None:
    """Return the kept run that a build with this signature would make once more.

    None where the last build had another signature, was not whole and good, is not
    among the kept runs, or where readers have another run by now, so that cluster
    labels would follow that one.
    """
    if not warehouse.exists():
        return None
    try:
        with open_warehouse(warehouse) as connection:
            return _find_same(connection, published, signature=signature)
    except (BusyError, PipelineError):
        return None


def _find_same(
    connection: duckdb.DuckDBPyConnection, published: Path, *, signature: str
) -> PublishedRun | None:
    check_build(connection)
    last, *_ = _read_builds(connection, most=1)
    if last.signature != signature:
        return None
    run_id, built_at = read_run(connection)
    run = PublishedRun(
        (published / RUNS).resolve() / run_name(run_id, built_at=built_at)
    )
    now = current_run(published)
    follows = now.short_id if now else None
    if run.database.exists() and follows in (run.short_id, last.follows):
        return run
    return None


def _read_builds(connection: duckdb.DuckDBPyConnection, *, most: int) -> list[Build]:
    columns = connection.execute(
        "select list(column_name) from duckdb_columns()"
        " where database_name = 'build' and schema_name = 'builds'"
        " and table_name = 'builds'"
    ).fetchone()[0]
    # else built by an earlier version of the project
    is_known = columns and "signature" in columns
    rows = connection.execute(BUILDS, {"most": most}).fetchall() if is_known else []
    return [Build(*row) for row in rows]
