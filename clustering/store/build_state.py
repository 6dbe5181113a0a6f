"""What the warehouse says of its builds: whether what is in it may be published."""

import duckdb

from clustering.core.errors import PipelineError

REMEDY = "run: clustering run, or dbt build"

# A build that was killed has changed nobody knows what: everything must be newer.
STOPPED = """
    select max(stopped.started_at)
    from build.builds.builds as stopped
    inner join made on made.started_at <= stopped.started_at
    where stopped.command <> 'test' and stopped.finished_at is null
"""

MADE = """
    create or replace temporary view made as
    select results.*, builds.started_at
    from build.builds.results
    inner join build.builds.builds using (build_id)
"""

BAD = """
    select name, status
    from made
    where status not in ('success', 'pass', 'warn')
    order by status = 'skipped', name
"""

MISSING = """
    select node_count - (select count(*) from made)
    from build.builds.builds
    where finished_at is not null
    order by started_at desc
    limit 1
"""

# Made anew, and not tested since.
UNTESTED = """
    select distinct made.name
    from made
    inner join made as tests
        on tests.model = made.name and tests.resource_type = 'test'
    where made.resource_type <> 'test' and tests.started_at < made.started_at
    order by made.name
"""


def check_build(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse what must not be published.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Has the warehouse attached as ``build``. dbt_project/macros/builds writes in it
        what this reads.

    Raises
    ------
    PipelineError
        If a build did not end, left something of the project out, or had an error or a
        failed test.
    """
    reason = _find_reason(connection)
    if reason:
        raise PipelineError(f"the warehouse cannot be published: {reason}; {REMEDY}")


def _find_reason(connection: duckdb.DuckDBPyConnection) -> str | None:
    if not _is_recorded(connection):
        return "no build is recorded in it"
    connection.execute(MADE)
    (stopped,) = connection.execute(STOPPED).fetchone()
    if stopped is not None:
        return f"the build of {stopped:%Y-%m-%d %H:%M:%S} was stopped"
    bad = connection.execute(BAD).fetchall()
    if bad:
        (name, status), more = bad[0], len(bad) - 1
        return f"{name} has the status {status}" + (f", and {more} more" * bool(more))
    (missing,) = connection.execute(MISSING).fetchone() or (1,)
    if missing:
        return f"{missing} models and tests of the project were never run in it"
    untested = [name for (name,) in connection.execute(UNTESTED).fetchall()]
    if untested:
        return f"not tested since they were made: {', '.join(untested)}"
    return None


def _is_recorded(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute(
        "select count(*) from duckdb_tables()"
        " where database_name = 'build' and schema_name = 'builds'"
    ).fetchone()
    return found != (0,)
