"""Tables of a PostgreSQL database, copied as csv."""

import hashlib
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from clustering.core import sql
from clustering.core.errors import InputError
from clustering.core.extras import import_psycopg2
from clustering.core.files import replacing

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

SECONDS_TO_CONNECT = 10
# For so long the steps of one build read the same copy.
SECONDS_KEPT = 3600
TABLES = """
    select table_name
    from information_schema.tables
    where table_schema = %s
    order by table_name
"""


def fetch(
    table: str, *, database: str, folder: Path, max_age: float = SECONDS_KEPT
) -> Path:
    """Return a copy of a table; it is made anew where the last one is too old.

    Parameters
    ----------
    table : str
        Its name, with that of its schema.
    database : str
        The environment variable that has the connection string.
    folder : Path
        Where copies go.
    max_age : float
        Seconds for which a copy serves.

    Raises
    ------
    InputError
        If the variable is not set, or the table cannot be read.
    """
    place = hashlib.sha256(f"{database}\0{table}".encode()).hexdigest()[:12]
    target = folder / f"{table}-{place}.csv"
    if target.exists() and time.time() - target.stat().st_mtime < max_age:
        return target
    name = ".".join(sql.name(part) for part in table.split("."))
    with (
        _connected(database, table) as connection,
        replacing(target) as temporary,
        temporary.open("w", encoding="utf-8") as copy,
    ):
        connection.cursor().copy_expert(
            f"copy (select * from {name}) to stdout with (format csv, header)", copy
        )
    return target


def tables_of(schema: str, *, database: str) -> list[str]:
    """Return the tables and views of a schema, each with its name.

    Raises
    ------
    InputError
        If there are none, or the database cannot be read.
    """
    with _connected(database, f"schema {schema}") as connection:
        cursor = connection.cursor()
        cursor.execute(TABLES, [schema])
        names = [f"{schema}.{name}" for (name,) in cursor.fetchall()]
    if not names:
        raise InputError(
            f"{database}: no table in the schema {schema!r}; name another: --schema"
        )
    return names


@contextmanager
def _connected(database: str, what: str) -> Generator["Connection"]:
    """Yield a connection; its errors are one line, without the connection string."""
    psycopg2 = import_psycopg2("a database")
    address = os.environ.get(database)
    if not address:
        raise InputError(
            f"{what}: the environment variable {database} is not set; set it to the"
            " connection string of the database"
        )
    try:
        connection = psycopg2.connect(
            address,
            application_name="store-clustering input",
            connect_timeout=SECONDS_TO_CONNECT,
            client_encoding="UTF8",
        )
        try:
            yield connection
        finally:
            connection.close()
    except psycopg2.ProgrammingError as error:
        said = "its connection string" if "dsn" in str(error) else _one_line(error)
        raise InputError(
            f"{what} of {database}: {said} cannot be read; correct it"
        ) from None
    except psycopg2.Error as error:
        raise InputError(
            f"{what} of {database}: {_one_line(error)}; check the database and the"
            " rights of its user"
        ) from None


def _one_line(error: Exception) -> str:
    return str(error).partition("\n")[0].strip()
