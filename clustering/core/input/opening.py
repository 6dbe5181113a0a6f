"""Find, check and show all raw tables."""

from collections.abc import Collection
from pathlib import Path

import duckdb

from clustering.core.input.checks import check_columns, check_values
from clustering.core.input.finding import (
    empty_view_of,
    find_files,
    reader_of,
    types_of,
    view_of,
)
from clustering.core.input.joins import check_together
from clustering.core.input.tables import Files, Table, read_contract


def open_input(
    project: Path,
    *,
    excluded_categories: Collection[str] = (),
    excluded_columns: Collection[str] = (),
    config: dict[str, str] | None = None,
) -> dict[str, str]:
    """Check the raw tables, and return for each the query that shows it.

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
        At the first thing that is wrong.
    """
    found: dict[str, Files | None] = {}
    views: dict[str, str] = {}
    with duckdb.connect(config=config or {}) as connection:
        connection.execute("create schema raw")
        for table in read_contract(project):
            files = found[table.name] = find_files(table, connection)
            if files is None:
                views[table.name] = empty_view_of(table)
                _make_view(table, views[table.name], connection)
                continue
            try:
                reader = reader_of(table, files, connection)
                types = types_of(reader, connection)
                check_columns(table, files, types)
                views[table.name] = view_of(table, reader, types)
                _make_view(table, views[table.name], connection)
                check_values(
                    table, files, types, connection, excluded_columns=excluded_columns
                )
            except duckdb.Error as error:
                said = " ".join(str(error).split())
                what = f"it cannot be read: {said}"
                raise files.refuse(what, "write it again") from None
        check_together(found, connection, excluded_categories=excluded_categories)
    return views


def find_globs(project: Path) -> dict[str, str]:
    """Return for each raw table that is there what DuckDB reads."""
    with duckdb.connect() as connection:
        found = {
            table.name: find_files(table, connection)
            for table in read_contract(project)
        }
    return {name: files.glob for name, files in found.items() if files}


def _make_view(table: Table, query: str, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"create view raw.{table.name} as {query}")
