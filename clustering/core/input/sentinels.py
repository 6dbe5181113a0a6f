"""Numbers that stand for no value, such as -999: they are read as numbers."""

from collections.abc import Collection, Generator, Mapping

import duckdb

from clustering.core import sql
from clustering.core.contract import Table
from clustering.core.input.checks import is_number

# Where one of these is all there is below 0, it is unlikely to be a measurement.
SENTINELS = (-1, -9, -99, -999, -9999, -99999, -999999)


def find_sentinels(
    table: Table,
    types: Mapping[str, str],
    connection: duckdb.DuckDBPyConnection,
    *,
    excluded: Collection[str],
) -> Generator[str]:
    """Yield a sentence for each external column that has one.

    Parameters
    ----------
    table : Table
        Has a view of its name in the schema ``raw``.
    types : mapping
        Type of every column of the view, by its name in capitals.
    connection : duckdb.DuckDBPyConnection
        Has the view.
    excluded : collection of str
        Columns that are no features, in capitals.
    """
    names = [
        name
        for name, type_ in types.items()
        if is_number(type_) and name not in table.columns and name not in excluded
    ]
    if not names:
        return
    [found] = connection.execute(
        f"select {', '.join(map(_asked_of, names))} from raw.{table.name}"
    ).fetchall()
    for name, seen in zip(names, found, strict=True):
        if seen["lowest"] in SENTINELS and seen["lowest"] == seen["highest"]:
            yield (
                f"column {name} has {seen['lowest']:g} in {seen['row_count']} rows and"
                " nothing else below 0, used as a number; where it stands for no"
                " value, leave it empty"
            )


def _asked_of(name: str) -> str:
    """Return the SQL of a struct: how many values are below 0, and which."""
    number = f"try_cast({sql.name(name)} as double)"
    is_below = f"{number} < 0 and not isnan({number})"
    return (
        "{"
        f"'row_count': count(*) filter ({is_below}),"
        f" 'lowest': min({number}) filter ({is_below}),"
        f" 'highest': max({number}) filter ({is_below})"
        "}"
    )
