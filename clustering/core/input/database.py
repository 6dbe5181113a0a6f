"""Tables and queries of a database, PostgreSQL or a DuckDB file, copied."""

from pathlib import Path

from clustering.core import sql
from clustering.core.errors import InputError
from clustering.core.input import duckdb_file, postgres
from clustering.core.mapping import MappedTable, is_duckdb_file

# For so long the steps of one build read the same copy of what is in PostgreSQL.
SECONDS_KEPT = 3600
# Letters of a query that messages show.
MOST_SHOWN = 40


def fetch(
    mapped: MappedTable, *, database: str, folder: Path, max_age: float = SECONDS_KEPT
) -> Path:
    """Return a copy of a table or of a query's rows.

    A DuckDB file is copied once for each of its states. Of PostgreSQL, a copy is made
    anew where the last one is too old.

    Parameters
    ----------
    mapped : MappedTable
        Names the table, or has the query.
    database : str
        A DuckDB file, or the environment variable that has PostgreSQL's connection
        string.
    folder : Path
        Where copies go.
    max_age : float
        Seconds for which a copy of what is in PostgreSQL serves.

    Raises
    ------
    InputError
        If the variable is not set, or the rows cannot be read.
    """
    rows = _rows(mapped)
    if is_duckdb_file(database):
        return duckdb_file.fetch(
            rows, file=Path(database), title=title_of(mapped), folder=folder
        )
    return postgres.fetch(
        rows,
        variable=database,
        title=title_of(mapped),
        name=mapped.table or "query",
        folder=folder,
        max_age=max_age,
    )


def tables_of(schema: str, *, database: str) -> list[str]:
    """Return the tables and views of a schema, each with its name.

    Raises
    ------
    InputError
        If there are none, or the database cannot be read.
    """
    reader = duckdb_file if is_duckdb_file(database) else postgres
    names = reader.list_tables(schema, database)
    if not names:
        raise InputError(
            f"{database}: no table in the schema {schema!r}; name another: --schema"
        )
    return [f"{schema}.{name}" for name in names]


def title_of(mapped: MappedTable) -> str:
    """Return how messages call a table or a query.

    >>> title_of(MappedTable(query="select shop from visits"))
    "query 'select shop from visits'"
    """
    if mapped.table:
        return mapped.table
    query = " ".join((mapped.query or "").split())
    short = query if len(query) <= MOST_SHOWN else f"{query[:MOST_SHOWN]}.."
    return f"query {sql.text(short)}"


def _rows(mapped: MappedTable) -> str:
    """Return the query of the rows."""
    if mapped.table is None:  # it may end in a comment
        return (mapped.query or "").strip().rstrip(";") + "\n"
    name = ".".join(sql.name(part) for part in mapped.table.split("."))
    return f"select * from {name}"
