"""Locate, validate and open all raw tables."""

from collections.abc import Collection, Generator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from clustering.core.contract import Files, Table, read_contract
from clustering.core.errors import InputError
from clustering.core.input.checks import check_columns, check_values
from clustering.core.input.finding import (
    empty_view_of,
    find_files,
    reader_of,
    types_of,
    view_of,
)
from clustering.core.input.joins import check_together


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
        connection.execute("create schema raw")
        for table in read_contract(project):
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
                    table, files, types, connection, excluded_columns=excluded_columns
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
