"""What the warehouse says of its builds: whether the last one may be published."""

from pathlib import Path

import duckdb

from cli.errors import PipelineError

# The last command that changed the warehouse. Tests alone change nothing.
LAST_BUILD = """
    select build_id, is_whole, started_at, finished_at
    from builds.builds
    where command <> 'test'
    order by started_at desc
    limit 1
"""

# Of that command and the tests since.
UNFINISHED = """
    select count(*)
    from builds.builds
    where started_at >= ? and finished_at is null
"""

BAD = """
    select name
    from builds.results
    inner join builds.builds using (build_id)
    where started_at >= ? and status not in ('success', 'pass', 'warn')
    order by status = 'skipped', name
"""

REMEDY = "run: clustering run, or dbt build, whole"


def check_build(warehouse: Path) -> None:
    """Refuse what must not be published.

    Parameters
    ----------
    warehouse : Path
        The DuckDB file that dbt builds in. dbt_project/macros/builds writes in it what
        this reads.

    Raises
    ------
    PipelineError
        If the last build did not end, left something of the project out, or has an
        error or a failed test.
    """
    if not warehouse.exists():
        raise PipelineError(f"there is no warehouse {warehouse}; {REMEDY}")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        reason = _find_reason(connection)
    if reason:
        raise PipelineError(f"{warehouse} cannot be published: {reason}; {REMEDY}")


def _find_reason(connection: duckdb.DuckDBPyConnection) -> str | None:
    if not _is_recorded(connection):
        return "no build is recorded in it"
    last = connection.execute(LAST_BUILD).fetchone()
    if last is None:
        return "no build is recorded in it"
    _, is_whole, started_at, _ = last
    moment = f"the build of {started_at:%Y-%m-%d %H:%M:%S}"
    if connection.execute(UNFINISHED, [started_at]).fetchone() != (0,):
        return f"{moment} was stopped, or is under way"
    bad = [name for (name,) in connection.execute(BAD, [started_at]).fetchall()]
    if bad:
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        return f"{moment} did not pass: {bad[0]}{more}"
    return None if is_whole else f"{moment} had not every model and test"


def _is_recorded(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'builds'"
    ).fetchone()
    return found != (0,)
