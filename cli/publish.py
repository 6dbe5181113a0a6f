"""Publish: hand the marts of a good build to readers, whole or not at all."""

import os
from pathlib import Path

import duckdb

from cli.paths import Paths

# Versions of DuckDB from this one on can open the published file.
STORAGE_VERSION = "v1.0.0"

COMMENTS = """
    select 'table ' || table_name, comment
    from duckdb_tables()
    where database_name = 'build' and schema_name = 'marts' and comment is not null
    union all
    select 'column ' || table_name || '.' || column_name, comment
    from duckdb_columns()
    where database_name = 'build' and schema_name = 'marts' and comment is not null
"""


def publish(paths: Paths) -> list[str]:
    """Copy the marts to the published folder and return their names.

    Call it after a build whose tests all passed. DuckDB lets nobody read a file
    while another process writes it, so readers get a copy: made under a temporary
    name, then put in place by one atomic rename. Beside it lies a Parquet file per
    mart.
    """
    paths.published.mkdir(parents=True, exist_ok=True)
    temporary = paths.published / f".{os.getpid()}.{paths.database.name}"
    try:
        with duckdb.connect() as connection:
            _attach(connection, paths.warehouse, temporary)
            marts = _copy_marts(connection)
            for mart in marts:
                _export_parquet(connection, mart, folder=paths.published)
        temporary.replace(paths.database)
    finally:
        temporary.unlink(missing_ok=True)
    return marts


def _attach(
    connection: duckdb.DuckDBPyConnection, warehouse: Path, target: Path
) -> None:
    connection.execute(f"attach {_quote(warehouse)} as build (read_only)")
    connection.execute(
        f"attach {_quote(target)} as target (storage_version {_quote(STORAGE_VERSION)})"
    )
    connection.execute("use target")


def _copy_marts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables()"
        " where database_name = 'build' and schema_name = 'marts' order by table_name"
    ).fetchall()
    marts = [name for (name,) in rows]
    for mart in marts:
        connection.execute(f"create table {mart} as from build.marts.{mart}")
    for described, comment in connection.execute(COMMENTS).fetchall():
        connection.execute(f"comment on {described} is {_quote(comment)}")
    return marts


def _export_parquet(
    connection: duckdb.DuckDBPyConnection, mart: str, *, folder: Path
) -> None:
    temporary = folder / f".{os.getpid()}.{mart}.parquet"
    connection.execute(f"copy {mart} to {_quote(temporary)} (format parquet)")
    temporary.replace(folder / f"{mart}.parquet")


def _quote(text: str | Path) -> str:
    return "'" + str(text).replace("'", "''") + "'"
