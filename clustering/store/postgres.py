"""Published runs in PostgreSQL, for BI tools that cannot read a DuckDB file.

All tables change in one transaction, and readers never wait or fail: rows are deleted
and loaded anew rather than tables renamed. A table that replaces another is empty to
whoever has an older snapshot, and a rename locks out readers, so that one who holds a
first table and wants a second ends in a deadlock. Deleting does neither.

Only a table whose columns another version of the code made different is replaced, at
the end, when all rows are there; where readers hold it for too long, nothing changes.
"""

import os
import socket
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from pydantic import SecretStr

from clustering.core import sql
from clustering.core.dsn import explain
from clustering.core.errors import PipelineError
from clustering.core.extras import import_psycopg2
from clustering.store.runs import PublishedRun

SCHEMA = "store_clustering"
READERS = "store_clustering_reader"
# Follows the name of a table until it takes the place of that one.
NEW = "__new"
# Of one publisher at a time.
LOCK = 7_205_759
SECONDS_TO_CONNECT = 10
# To do it all; a server that hangs is not waited for any longer.
SECONDS_TO_LOAD = 1800
# For another publisher to end, and for readers to let go of a table that is replaced.
PATIENCE = "set local lock_timeout = '{}'"

TYPES = {
    "VARCHAR": "text",
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "HUGEINT": "numeric(38)",
    "TIMESTAMP": "timestamp without time zone",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
}

TABLES = """
    select table_name, comment
    from duckdb_tables()
    where schema_name = 'main'
    order by table_name
"""

COLUMNS = """
    select column_name, data_type, comment
    from duckdb_columns()
    where schema_name = 'main' and table_name = ?
    order by column_index
"""

PRESENT = """
    select column_name, format_type(atttypid, atttypmod)
    from information_schema.columns
    inner join pg_attribute
        on attrelid = format('%%I.%%I', table_schema, table_name)::regclass
        and attname = column_name
    where table_schema = %s and table_name = %s
    order by ordinal_position
"""


def find_loaded(dsn: SecretStr) -> str | None:
    """Return the run id of the run in the database; None if it is empty.

    Raises
    ------
    PipelineError
        If the database cannot be reached or refuses.
    SettingsError
        If the driver is not installed.
    """
    psycopg2 = import_psycopg2("publishing to PostgreSQL")
    try:
        with _connection(psycopg2, dsn) as connection, connection.cursor() as cursor:
            cursor.execute("select to_regclass(%s)", [f"{SCHEMA}.run"])
            if cursor.fetchone() == (None,):
                return None
            cursor.execute(f"select run_id from {SCHEMA}.run")
            (run_id,) = cursor.fetchone()
            return run_id
    except psycopg2.Error as error:
        raise PipelineError(f"PostgreSQL says nothing: {explain(error, dsn)}") from None


def load(run: PublishedRun, dsn: SecretStr) -> list[str]:
    """Replace the tables in the database by those of ``run``.

    Parameters
    ----------
    run : PublishedRun
        The version to load.
    dsn : SecretStr
        A libpq connection string or URL. Its user needs CREATE on the database, and
        CREATEROLE where the role store_clustering_reader is not there yet.

    Returns
    -------
    list of str
        The tables.

    Raises
    ------
    PipelineError
        If the database cannot be reached or refuses; its readers notice nothing.
    SettingsError
        If the driver is not installed.
    """
    psycopg2 = import_psycopg2("publishing to PostgreSQL")
    try:
        with (
            _connection(psycopg2, dsn) as connection,
            connection,  # one transaction
            connection.cursor() as cursor,
        ):
            return _replace_all(cursor, run)
    except psycopg2.Error as error:
        raise PipelineError(
            f"PostgreSQL still has the run before {run.name}: {explain(error, dsn)};"
            " correct it, and publish again"
        ) from None


@contextmanager
def _connection(psycopg2: Any, dsn: SecretStr) -> Generator[Any]:
    connection = psycopg2.connect(
        dsn.get_secret_value(),
        application_name="store-clustering publish",
        connect_timeout=SECONDS_TO_CONNECT,
    )
    connection.set_client_encoding("UTF8")
    deadline = threading.Timer(SECONDS_TO_LOAD, _hang_up, [connection.fileno()])
    deadline.daemon = True
    deadline.start()
    try:
        yield connection
    finally:
        deadline.cancel()
        connection.close()


def _hang_up(number: int) -> None:
    """End a connection by its file descriptor: its client waits without an end."""
    with socket.socket(fileno=os.dup(number)) as connection:
        connection.shutdown(socket.SHUT_RDWR)


def _replace_all(cursor: Any, run: PublishedRun) -> list[str]:
    cursor.execute(PATIENCE.format("60s"))
    cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    cursor.execute(f"create schema if not exists {SCHEMA}")
    _make_readers(cursor)
    replaced = []
    with duckdb.connect(str(run.database), read_only=True) as source:
        described = source.execute(TABLES).fetchall()
        for table, comment in described:
            columns = source.execute(COLUMNS, [table]).fetchall()
            name = _make_table(cursor, table, columns)
            _replace_rows(cursor, name, source, table)
            _describe(cursor, name, comment or table, columns)
            if name != _name(table):
                replaced.append(table)
    tables = [table for table, _ in described]
    cursor.execute(PATIENCE.format("10s"))
    _put_in_place(cursor, replaced)
    _drop_others(cursor, tables)
    return tables


def _make_readers(cursor: Any) -> None:
    """Create the role that may read everything here, unless it exists."""
    cursor.execute("select 1 from pg_roles where rolname = %s", [READERS])
    if cursor.fetchone() is None:
        cursor.execute(f"create role {READERS} nologin")
    cursor.execute(f"grant usage on schema {SCHEMA} to {READERS}")


def _make_table(cursor: Any, table: str, columns: list[tuple[str, str, str]]) -> str:
    """Return the name of the table to load; a new one where columns are other ones."""
    wanted = [(name, _type_of(data_type)) for name, data_type, _ in columns]
    cursor.execute(PRESENT, [SCHEMA, table])
    if cursor.fetchall() == wanted:
        return _name(table)
    name = _name(table + NEW)
    declared = ", ".join(f"{sql.name(column)} {kind}" for column, kind in wanted)
    cursor.execute(f"create table {name} ({declared})")
    return name


def _replace_rows(
    cursor: Any, name: str, source: duckdb.DuckDBPyConnection, table: str
) -> None:
    cursor.execute(f"delete from {name}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        written = (
            f"copy {sql.name(table)} to {sql.text(file)} (format csv, header false)"
        )
        source.execute(written)
        with file.open("rb") as rows:
            cursor.copy_expert(f"copy {name} from stdin (format csv)", rows)
    cursor.execute(f"analyze {name}")


def _describe(
    cursor: Any, name: str, comment: str, columns: list[tuple[str, str, str]]
) -> None:
    """Comment the table and its columns, and grant access to readers."""
    cursor.execute(f"grant select on {name} to {READERS}")
    # a comment marks it as ours, see _drop_others
    cursor.execute(f"comment on table {name} is %s", [comment])
    for column, _, text in columns:
        cursor.execute(f"comment on column {name}.{sql.name(column)} is %s", [text])


def _put_in_place(cursor: Any, tables: list[str]) -> None:
    for table in tables:
        cursor.execute(f"drop table if exists {_name(table)}")
        cursor.execute(f"alter table {_name(table + NEW)} rename to {sql.name(table)}")


def _drop_others(cursor: Any, tables: list[str]) -> None:
    """Remove tables that a run before had and this one has not: they are of no run.

    Tables without a comment are not ours.
    """
    cursor.execute(
        "select relname from pg_class where relnamespace = %s::regnamespace"
        " and relkind = 'r' and obj_description(oid, 'pg_class') is not null"
        " and not relname = any(%s)",
        [SCHEMA, tables],
    )
    for (table,) in cursor.fetchall():
        cursor.execute(f"drop table {_name(table)}")


def _type_of(data_type: str) -> str:
    """Return PostgreSQL's name for a type of DuckDB.

    >>> _type_of("VARCHAR"), _type_of("DECIMAL(38,2)"), _type_of("BIGINT")
    ('text', 'numeric(38,2)', 'bigint')
    """
    return TYPES.get(data_type) or data_type.lower().replace("decimal", "numeric")


def _name(table: str) -> str:
    return f"{SCHEMA}.{sql.name(table)}"
