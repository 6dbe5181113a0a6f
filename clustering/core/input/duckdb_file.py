"""Tables and queries of a DuckDB file, copied as parquet."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from clustering.core import sql
from clustering.core.errors import InputError
from clustering.core.files import renew

TABLES = """
    select table_name
    from information_schema.tables
    where table_catalog = 'source' and table_schema = ?
    order by table_name
"""


def fetch(query: str, *, file: Path, title: str, folder: Path) -> Path:
    """Return a copy of a query's rows; it is made once for each state of the file.

    Parameters
    ----------
    query : str
        The query.
    file : Path
        The DuckDB file; nothing is written to it.
    title : str
        How messages call the query.
    folder : Path
        Where copies go.

    Raises
    ------
    InputError
        If the rows cannot be read.
    """
    place = hashlib.sha256(f"{file}\0{query}".encode()).hexdigest()[:12]
    with _opened(file, title) as connection:
        target = folder / f"{place}-{_state_of(file)}.parquet"
        if not target.exists():
            renew(
                target,
                lambda file: connection.execute(
                    f"copy ({query}) to {sql.text(file)} (format parquet)"
                ),
                is_copy=lambda name: name.startswith(f"{place}-"),
            )
    return target


def list_tables(schema: str, file: str) -> list[str]:
    """Return the names of the tables and views of a schema.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    with _opened(Path(file), f"schema {schema}") as connection:
        rows = connection.execute(TABLES, [schema]).fetchall()
    return [name for (name,) in rows]


def _state_of(file: Path) -> str:
    """Return a text that changes with the file, or with its log of late changes."""
    log = file.with_name(f"{file.name}.wal")
    stats = [one.stat() for one in (file, log) if one.exists()]
    return "-".join(f"{stat.st_size:x}-{stat.st_mtime_ns:x}" for stat in stats)


@contextmanager
def _opened(file: Path, what: str) -> Generator[duckdb.DuckDBPyConnection]:
    """Yield a connection to the file's tables; its errors are one line."""
    if not file.is_file():
        raise InputError(f"{file}: no such file; correct input.database")
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        try:
            connection.execute(f"attach {sql.text(file)} as source (read_only)")
            connection.execute("use source")
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            raise InputError(f"{file}: {_explain(error)}") from None
        try:
            yield connection
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            said = str(error).partition("\n")[0].partition(": ")[2].rstrip("!.")
            raise InputError(
                f"{what} of {file}: {said}; correct it in the environment's file"
            ) from None


def _explain(error: duckdb.Error) -> str:
    if "lock" in str(error):
        return "another program has it open for writing; close it there"
    return (
        "it is no DuckDB file, or one of a newer version; name a DuckDB file in"
        " input.database"
    )
