"""Tables and queries of a PostgreSQL database, copied as csv."""

import hashlib
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from clustering.core.dsn import explain
from clustering.core.errors import InputError
from clustering.core.extras import import_psycopg2
from clustering.core.files import replacing

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

SECONDS_TO_CONNECT = 10
TABLES = """
    select table_name
    from information_schema.tables
    where table_schema = %s
    order by table_name
"""


def fetch(
    query: str, *, variable: str, title: str, name: str, folder: Path, max_age: float
) -> Path:
    """Return a copy of a query's rows; it is made anew where the last one is too old.

    Parameters
    ----------
    query : str
        The query.
    variable : str
        The environment variable that has the connection string.
    title, name : str
        How messages call the query, and how its copy is called.
    folder : Path
        Where copies go.
    max_age : float
        Seconds for which a copy serves.

    Raises
    ------
    InputError
        If the variable is not set, or the rows cannot be read.
    """
    place = hashlib.sha256(f"{variable}\0{query}".encode()).hexdigest()[:12]
    target = folder / f"{name}-{place}.csv"
    if target.exists() and time.time() - target.stat().st_mtime < max_age:
        return target
    with (
        _connected(variable, title) as connection,
        replacing(target) as temporary,
        temporary.open("w", encoding="utf-8") as copy,
    ):
        connection.cursor().copy_expert(
            f"copy ({query}) to stdout with (format csv, header)", copy
        )
    return target


def list_tables(schema: str, variable: str) -> list[str]:
    """Return the names of the tables and views of a schema.

    Raises
    ------
    InputError
        If the database cannot be read.
    """
    with _connected(variable, f"schema {schema}") as connection:
        cursor = connection.cursor()
        cursor.execute(TABLES, [schema])
        return [name for (name,) in cursor.fetchall()]


@contextmanager
def _connected(variable: str, what: str) -> Generator["Connection"]:
    """Yield a connection; its errors are one line, without the connection string."""
    psycopg2 = import_psycopg2("a database")
    dsn = SecretStr(os.environ.get(variable, ""))
    if not dsn:
        raise InputError(
            f"{what}: the environment variable {variable} is not set; set it to the"
            " connection string of the database"
        )
    try:
        connection = psycopg2.connect(
            dsn.get_secret_value(),
            application_name="store-clustering input",
            connect_timeout=SECONDS_TO_CONNECT,
            client_encoding="UTF8",
        )
        try:
            connection.set_session(readonly=True)
            yield connection
        finally:
            connection.close()
    except psycopg2.Error as error:
        raise InputError(
            f"{what} of {variable}: {explain(error, dsn)}; check the database and the"
            " rights of its user"
        ) from None
