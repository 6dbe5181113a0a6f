"""A warehouse: which build it is from, and whether it can be published."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from clustering.core import sql
from clustering.core.errors import DamagedError, PipelineError
from clustering.store.recording import BUILDING, GOOD
from clustering.store.registry import Registry
from clustering.store.runs import DAMAGED

REMEDY = "run: clustering run, or dbt build"
# What DuckDB says of a file that another process has open.
LOCKED = "Could not set lock"

IS_TABLE = """
    select count(*) > 0
    from duckdb_tables()
    where database_name = 'build' and schema_name = 'builds' and table_name = ?
"""

STATE = """
    select
        node, results.name, resource_type, coalesce(model, '') as model,
        results.status, made_by, coalesce(made_at, '') as made_at, makers.run,
        makers.signature
    from results
    left join builds as makers on makers.build_id = results.made_by
    where results.build_id = :build_id
    order by results.status = 'skipped', results.name
"""


class BusyError(Exception):
    """Another process has the warehouse open, so it cannot be read.

    Parameters
    ----------
    reason : str
        What DuckDB says of it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DamagedWarehouseError(DamagedError):
    """DuckDB cannot open the warehouse.

    Parameters
    ----------
    file : Path
        The warehouse.
    reason : str
        What DuckDB says of it.
    """

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(
            f"cannot open the warehouse {file}: {reason}; to set it aside, so that the"
            " next run builds it anew: clustering repair"
        )
        self.reason = reason


@dataclass(frozen=True)
class Warehouse:
    """An open warehouse.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Has the warehouse attached as ``build``, to be read.
    registry : Registry
        What is recorded of its builds.
    build_id : str or None
        The build that it is of; None where none is recorded in it.
    """

    connection: duckdb.DuckDBPyConnection
    registry: Registry
    build_id: str | None


@contextmanager
def open_warehouse(file: Path, registry: Registry) -> Generator[Warehouse]:
    """Open a warehouse to read it.

    Raises
    ------
    BusyError
        If another process has it open, as a build has.
    DamagedWarehouseError
        If DuckDB cannot open it.
    """
    with duckdb.connect() as connection:
        _attach(connection, file)
        yield Warehouse(connection, registry, _read_build_id(connection))


def check_opens(file: Path) -> None:
    """Raise if a warehouse is damaged, before anything waits for it to open.

    A busy one is left to those who wait for it; where there is none, none is damaged.

    Raises
    ------
    DamagedWarehouseError
        If DuckDB cannot open it.
    PipelineError
        If its path has a question mark.
    """
    if "?" in str(file):
        raise PipelineError(
            f"got the data folder {file.parents[1]}, expected one without a question"
            " mark: DuckDB takes what follows one for options"
        )
    if not file.exists():
        return
    with suppress(BusyError), duckdb.connect() as connection:
        _attach(connection, file)


def _attach(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    try:
        connection.execute(f"attach {sql.text(file)} as build (read_only)")
    except DAMAGED as error:
        reason = " ".join(str(error).split())
        if LOCKED in reason:
            raise BusyError(reason) from None
        raise DamagedWarehouseError(file, reason) from None


def _read_build_id(connection: duckdb.DuckDBPyConnection) -> str | None:
    def is_there(table: str) -> bool:
        return connection.execute(IS_TABLE, [table]).fetchone() == (True,)

    if is_there("current_build"):
        query = "select max(build_id) from build.builds.current_build"
    elif is_there("builds"):  # of an earlier version of the project
        query = "select arg_max(build_id, started_at) from build.builds.builds"
    else:
        return None
    [(build_id,)] = connection.execute(query).fetchall()
    return build_id


@dataclass(frozen=True)
class Result:
    """The last result of a model, a seed or a test.

    Parameters
    ----------
    node : str
        dbt's unique id.
    name, resource_type : str
        Its name; model, seed or test.
    model : str
        The model or source that a test is of; else its own name.
    status : str or None
        dbt's; ``building`` where a build began it and said no more; None where it was
        never run.
    made_by : str or None
        The build.
    made_at : str
        When that began, in UTC; empty where it was never run.
    run, signature : str or None
        The run of Airflow that the build was part of, and what it was made from.
    """

    node: str
    name: str
    resource_type: str
    model: str
    status: str | None
    made_by: str | None
    made_at: str
    run: str | None
    signature: str | None

    @property
    def is_good(self) -> bool:
        """Whether it was made, or passed."""
        return self.status in GOOD

    @property
    def is_test(self) -> bool:
        """Whether it is the result of a test."""
        return self.resource_type == "test"


def read_state(registry: Registry, build_id: str | None) -> list[Result]:
    """Return the build state: the last result of every model, seed and test."""
    rows = registry.read(STATE, {"build_id": build_id})
    return [Result(**row) for row in rows]


def check_build(warehouse: Warehouse) -> None:
    """Raise if the warehouse must not be published.

    Raises
    ------
    PipelineError
        If a build did not end, left something of the project out, or had an error or a
        failed test.
    """
    state = read_state(warehouse.registry, warehouse.build_id)
    reason = _find_reason(state)
    if reason:
        raise PipelineError(f"the warehouse cannot be published: {reason}; {REMEDY}")


def _find_reason(state: Sequence[Result]) -> str | None:
    if not state:
        return "no build is recorded in it"
    stopped = [one.made_at for one in state if one.status == BUILDING]
    if stopped:
        return f"the build of {max(stopped)[:19].replace('T', ' ')} was stopped"
    ran = [one for one in state if one.status is not None]
    bad = [one for one in ran if not one.is_good]
    if bad:
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        return f"{bad[0].name} has the status {bad[0].status}{more}"
    if missing := len(state) - len(ran):
        return f"{missing} models and tests of the project were never run in it"
    if untested := find_untested(ran):
        return f"not tested since they were made: {', '.join(untested)}"
    return None


def find_untested(state: Sequence[Result]) -> list[str]:
    """Return the models that were made after a test of theirs was run."""
    made_at = {one.name: one.made_at for one in state if not one.is_test}
    return sorted(
        {
            one.model
            for one in state
            if one.is_test and one.made_at < made_at.get(one.model, "")
        }
    )
