"""Validation across raw tables: keys that must match, names that must differ."""

from collections.abc import Collection, Mapping

import duckdb

from clustering.core import sql
from clustering.core.contract import Column, Files, Table
from clustering.core.errors import InputError

# Values that the other side has only with other zeros in front, capitals or spaces.
UNLIKE = """
    with
    only_left as (
        select distinct trim({left_column}) as value from raw.{left}
        except
        select trim({right_column}) from raw.{right}
    ),
    only_right as (
        select distinct trim({right_column}) as value from raw.{right}
        except
        select trim({left_column}) from raw.{left}
    )
    select only_left.value, only_right.value
    from only_left
    inner join only_right
        on
            ltrim(regexp_replace(upper(only_left.value), '\\s+', ' ', 'g'), '0')
            = ltrim(regexp_replace(upper(only_right.value), '\\s+', ' ', 'g'), '0')
    order by all
    limit 1
"""

ALONE = """
    select trim({per}), any_value({column})
    from raw.{table}
    where {per} is not null and {column} is not null
    group by 1
    having count(distinct trim({column})) = 1
    order by 1
"""

# A feature has one name: the same in two external tables would be two features.
TWICE = """
    select min(column_name), list(table_name order by table_name)
    from duckdb_columns()
    where
        schema_name = 'raw'
        and list_contains($tables, table_name)
        and not list_contains($keys, upper(column_name))
    group by lower(column_name)
    having count(*) > 1
    order by 1
    limit 1
"""


def check_together(
    found: Mapping[Table, Files | None],
    connection: duckdb.DuckDBPyConnection,
    *,
    excluded_categories: Collection[str],
) -> None:
    """Reject tables that cannot be joined, or categories with a single need state.

    Parameters
    ----------
    found : mapping
        Where each table lies; None where it is absent.
    connection : duckdb.DuckDBPyConnection
        Has them as views in the schema ``raw``.
    excluded_categories : collection of str
        The setting of that name.

    Raises
    ------
    InputError
        For the first violation.
    """
    there = {table: files for table, files in found.items() if files}
    where = {table.name: files for table, files in there.items()}
    columns = [(table, one) for table in there for one in table.columns.values()]
    for table, column in columns:
        if column.several_per:
            _check_several(
                table, column, where, connection, excluded=excluded_categories
            )
    for table, column in columns:
        if column.references:
            _check_join(table, column, column.references, where, connection)
    _check_names(there, where, connection)


def _check_several(
    table: Table,
    column: Column,
    where: Mapping[str, Files],
    connection: duckdb.DuckDBPyConnection,
    *,
    excluded: Collection[str],
) -> None:
    """Reject a category whose stores all sell one and the same need state."""
    query = ALONE.format(table=table.name, column=column.name, per=column.several_per)
    for category, value in connection.execute(query).fetchall():
        if category not in excluded:
            raise where[table.name].refuse(
                f"column {column.name} has one value only, {sql.text(value)}, in"
                f" category {sql.text(category)}, wanted at least 2",
                "give the category more need states, or name it in the var"
                " excluded_categories",
            )


def _check_join(
    table: Table,
    column: Column,
    references: tuple[str, str],
    where: Mapping[str, Files],
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Reject join keys that spell one value in two ways."""
    right, right_column = references
    unlike = connection.execute(
        UNLIKE.format(
            left=table.name,
            left_column=column.name,
            right=right,
            right_column=right_column,
        )
    ).fetchone()
    if unlike:
        value, other = map(sql.text, unlike)
        raise InputError(
            f"{where[table.name].where}: column {column.name} has {value} where"
            f" {where[right].where}, column {right_column}, has {other}; write both"
            " alike: leading zeros, capitals and spaces count"
        )


def _check_names(
    there: Mapping[Table, Files],
    where: Mapping[str, Files],
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Reject a feature that two external tables have."""
    external = [table for table in there if table.has_attributes]
    keys = [set(table.key) for table in external]
    twice = connection.execute(
        TWICE,
        {
            "tables": [table.name for table in external],
            "keys": sorted(set.intersection(*keys)) if keys else [],
        },
    ).fetchone()
    if twice:
        name, (first, second, *_) = twice
        raise where[first].refuse(
            f"column {name} is in {where[second].where} too", "rename one of them"
        )
