"""A warehouse, open to be read, and the build that it is of."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from clustering.core import sql
from clustering.store.registry import Registry

IS_TABLE = """
    select count(*) > 0
    from duckdb_tables()
    where database_name = 'build' and schema_name = 'builds' and table_name = ?
"""


class BusyError(Exception):
    """Another process has the warehouse open: nobody else can read it.

    Parameters
    ----------
    reason : str
        What DuckDB says of it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Warehouse:
    """A warehouse that is open.

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
def open_warehouse(file: Path, registry: Registry) -> Iterator[Warehouse]:
    """Open a warehouse to read it.

    Raises
    ------
    BusyError
        If another process has it open, as a build has.
    """
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {sql.text(file)} as build (read_only)")
        except duckdb.IOException as error:
            raise BusyError(" ".join(str(error).split())) from None
        yield Warehouse(connection, registry, _read_build_id(connection))


def _read_build_id(connection: duckdb.DuckDBPyConnection) -> str | None:
    def is_there(table: str) -> bool:
        return connection.execute(IS_TABLE, [table]).fetchone() == (True,)

    if is_there("current_build"):
        query = "select max(build_id) from build.builds.current_build"
    elif is_there("builds"):  # of an earlier version of the project
        query = "select arg_max(build_id, started_at) from build.builds.builds"
    else:
        return None
    (build_id,) = connection.execute(query).fetchone()
    return build_id
