"""Published runs in PostgreSQL, for BI tools that read no DuckDB file.

All tables change in one transaction, and readers never wait or fail: rows are deleted
and loaded anew rather than tables renamed. A table that replaces another is empty to
whoever has an older snapshot, and a rename locks out readers, so that one who holds a
first table and wants a second ends in a deadlock. Deleting does neither.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from cli.errors import PipelineError, SettingsError
from serving.runs import PublishedRun

SCHEMA = "store_clustering"
READERS = "store_clustering_reader"
# Of one publisher at a time.
LOCK = 7_205_759

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


def load(run: PublishedRun, dsn: str) -> list[str]:
    """Put the tables of ``run`` in place of those in the database.

    Parameters
    ----------
    run : PublishedRun
        What readers shall see.
    dsn : str
        A libpq connection string or URL. Its user needs CREATE on the database, and
        CREATEROLE where the role store_clustering_reader is not there yet.

    Returns
    -------
    list of str
        The tables.

    Raises
    ------
    PipelineError
        If the database cannot be reached or refuses; its readers see what they saw.
    SettingsError
        If the driver is not installed.
    """
    psycopg2 = _import_driver()
    try:
        with _connection(psycopg2, dsn) as connection:
            with connection, connection.cursor() as cursor:
                tables = _replace_all(cursor, run)
            connection.autocommit = True
            with connection.cursor() as cursor:
                for table in tables:
                    cursor.execute(f"vacuum (analyze) {SCHEMA}.{_quoted(table)}")
    except psycopg2.Error as error:
        raise PipelineError(
            f"PostgreSQL still has the run before {run.name}:"
            f" {' '.join(str(error).split())}; mend it, and publish again"
        ) from None
    return tables


def _import_driver() -> Any:
    try:
        import psycopg2
    except ModuleNotFoundError:
        raise SettingsError(
            "publishing to PostgreSQL needs psycopg2, which is not installed; run:"
            " pip install psycopg2-binary"
        ) from None
    return psycopg2


@contextmanager
def _connection(psycopg2: Any, dsn: str) -> Iterator[Any]:
    connection = psycopg2.connect(dsn, application_name="store-clustering publish")
    connection.set_client_encoding("UTF8")
    try:
        yield connection
    finally:
        connection.close()


def _replace_all(cursor: Any, run: PublishedRun) -> list[str]:
    cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    cursor.execute(f"create schema if not exists {SCHEMA}")
    _make_readers(cursor)
    with duckdb.connect(str(run.database), read_only=True) as source:
        described = source.execute(TABLES).fetchall()
        for table, comment in described:
            columns = source.execute(COLUMNS, [table]).fetchall()
            _make_table(cursor, table, columns, comment)
            _replace_rows(cursor, source, table)
    tables = [table for table, _ in described]
    _drop_others(cursor, tables)
    return tables


def _make_readers(cursor: Any) -> None:
    """Make the role that may read everything here, unless it is there."""
    cursor.execute("select 1 from pg_roles where rolname = %s", [READERS])
    if cursor.fetchone() is None:
        cursor.execute(f"create role {READERS} nologin")
    cursor.execute(f"grant usage on schema {SCHEMA} to {READERS}")


def _make_table(
    cursor: Any, table: str, columns: list[tuple[str, str, str]], comment: str | None
) -> None:
    """Make the table anew where it has other columns than those wanted."""
    wanted = [(name, _type_of(data_type)) for name, data_type, _ in columns]
    cursor.execute(PRESENT, [SCHEMA, table])
    if cursor.fetchall() == wanted:
        return
    name = f"{SCHEMA}.{_quoted(table)}"
    declared = ", ".join(f"{_quoted(column)} {kind}" for column, kind in wanted)
    cursor.execute(f"drop table if exists {name}")
    cursor.execute(f"create table {name} ({declared})")
    cursor.execute(f"grant select on {name} to {READERS}")
    # a comment marks it as ours, see _drop_others
    cursor.execute(f"comment on table {name} is %s", [comment or table])
    for column, _, text in columns:
        cursor.execute(f"comment on column {name}.{_quoted(column)} is %s", [text])


def _replace_rows(cursor: Any, source: duckdb.DuckDBPyConnection, table: str) -> None:
    name = f"{SCHEMA}.{_quoted(table)}"
    cursor.execute(f"delete from {name}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        source.execute(f"copy {table} to '{file}' (format csv, header false)")
        with file.open(encoding="utf-8") as rows:
            cursor.copy_expert(f"copy {name} from stdin (format csv)", rows)


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
        cursor.execute(f"drop table {SCHEMA}.{_quoted(table)}")


def _type_of(data_type: str) -> str:
    """Return PostgreSQL's name for a type of DuckDB.

    >>> _type_of("VARCHAR"), _type_of("DECIMAL(38,2)"), _type_of("BIGINT")
    ('text', 'numeric(38,2)', 'bigint')
    """
    return TYPES.get(data_type) or data_type.lower().replace("decimal", "numeric")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
