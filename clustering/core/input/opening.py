"""Locate, validate and open the raw tables, each as a view over its files."""

from collections.abc import Collection, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

import duckdb

from clustering.core import sql
from clustering.core.contract import Column, Files, Table, joined_columns, read_contract
from clustering.core.errors import InputError
from clustering.core.input.checks import check_columns, check_together, check_values

FORMATS = ("parquet", "csv")


def find_files(table: Table, connection: duckdb.DuckDBPyConnection) -> Files | None:
    """Return where a table lies; None where an optional one is absent.

    Raises
    ------
    InputError
        If it is not there, there more than once, or a file of it has not even a header.
    """
    path = f"{table.folder}/{table.name}"
    places = [
        Files(where, glob, format)
        for format in FORMATS
        for where, glob in (
            (f"{path}.{format}", f"{path}.{format}"),
            (path, f"{path}/**/*.{format}"),
        )
    ]
    found = [place for place in places if _has_files(place.glob, connection)]
    for place in found:
        _check_not_empty(place.glob, connection)
    if len(found) > 1:
        globs = ", ".join(place.glob for place in found)
        raise InputError(
            f"{table.folder}: table {table.name} is there {len(found)} times: {globs};"
            " keep one of them"
        )
    if not found and not table.is_optional:
        raise InputError(
            f"{table.folder}: no file {table.name}.parquet or .csv, and no folder"
            f" {table.name}/ of either; put it there, or set {table.variable} to the"
            " folder that has it"
        )
    return found[0] if found else None


def _has_files(glob: str, connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute("select file from glob(?) limit 1", [glob])
    return found.fetchone() is not None


def _check_not_empty(glob: str, connection: duckdb.DuckDBPyConnection) -> None:
    empty = connection.execute(
        "select filename from read_blob(?) where size = 0 limit 1", [glob]
    ).fetchone()
    if empty:
        raise InputError(
            f"{empty[0]}: the file is empty (0 bytes); write it again, with rows"
        )


def reader_of(table: Table, files: Files, connection: duckdb.DuckDBPyConnection) -> str:
    """Return the table function that reads a table in place.

    A csv says nothing about types. Columns of the contract are read as text, so that
    '0042' stays '0042', and are typed in staging; other columns matter only as external
    features, and there the whole file is looked at to type them.
    """
    glob = sql.text(files.glob)
    if files.format == "parquet":
        return f"read_parquet({glob}, union_by_name = true)"
    reader = (
        f"read_csv({glob}, header = true, union_by_name = true,"
        " quote = '\"', escape = '\"'"
    )
    as_text = f"{reader}, all_varchar = true)"
    if not table.has_attributes:
        return as_text
    present = types_of(as_text, connection)
    types = ", ".join(
        f"{sql.text(name)}: 'VARCHAR'" for name in table.columns if name in present
    )
    if not types:
        return as_text
    return f"{reader}, sample_size = -1, types = {{{types}}})"


def types_of(reader: str, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the type of every column by its name in capitals: any case will do.

    DuckDB takes capitals of ASCII letters alone for the same name.
    """
    rows = connection.execute(f"describe select * from {reader}").fetchall()
    return {sql.upper(name): type_ for name, type_, *_ in rows}


def view_of(table: Table, reader: str, types: dict[str, str]) -> str:
    """Return the query that shows a table: optional columns that it lacks are null."""
    absent = [one for one in table.columns.values() if one.name not in types]
    more = f", {_nulls(absent)}" if absent else ""
    return f"select *{more} from {reader}"


def empty_view_of(table: Table) -> str:
    """Return the query that shows a table that is absent: its columns, no rows."""
    return f"select {_nulls(table.columns.values())} where false"


def _nulls(columns: Iterable[Column]) -> str:
    """Return ``null::date as PERIOD_START, ..``."""
    return ", ".join(f"null::{column.data_type} as {column.name}" for column in columns)


def open_input(
    project: Path,
    *,
    excluded_categories: Collection[str] = (),
    excluded_columns: Collection[str] = (),
    config: dict[str, str | float | list[str]] | None = None,
) -> dict[str, str]:
    """Validate the raw tables, and return the query of each table's view.

    Parameters
    ----------
    project : Path
        The dbt project, whose sources are the contract.
    excluded_categories, excluded_columns : collection of str
        The settings excluded_categories and excluded_external_columns.
    config : dict or None
        Settings of DuckDB, such as memory_limit.

    Raises
    ------
    InputError
        For the first violation.
    """
    found: dict[Table, Files | None] = {}
    views: dict[str, str] = {}
    with duckdb.connect(config=config or {}) as connection:
        connection.execute("create schema raw; create schema seen")
        contract = read_contract(project)
        joined = joined_columns(contract)
        for table in contract:
            files = found[table] = find_files(table, connection)
            if files is None:
                views[table.name] = empty_view_of(table)
                _make_view(table, views[table.name], connection)
                continue
            with _readable(files.where):
                reader = reader_of(table, files, connection)
                types = types_of(reader, connection)
                check_columns(table, files, types)
                views[table.name] = view_of(table, reader, types)
                _make_view(table, views[table.name], connection)
                check_values(
                    table,
                    files,
                    types,
                    connection,
                    joined=joined[table.name],
                    excluded_columns=excluded_columns,
                )
        with _readable(", ".join(files.where for files in found.values() if files)):
            check_together(found, connection, excluded_categories=excluded_categories)
    return views


def find_globs(project: Path) -> dict[str, str]:
    """Return the glob of each raw table that exists."""
    with duckdb.connect() as connection:
        found = {
            table.name: find_files(table, connection)
            for table in read_contract(project)
        }
    return {name: files.glob for name, files in found.items() if files}


def _make_view(table: Table, query: str, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"create view raw.{table.name} as {query}")


@contextmanager
def _readable(where: str) -> Generator[None]:
    """Turn an error of DuckDB about a file into a one-line InputError.

    Raises
    ------
    InputError
        If a file cannot be read: it is damaged, or not UTF-8.
    """
    try:
        yield
    except duckdb.Error as error:
        said = " ".join(str(error).partition("Stack Trace")[0].split())
        raise InputError(
            f"{where}: it cannot be read: {said}; write it again, csv in UTF-8"
        ) from None
