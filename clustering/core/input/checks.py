"""Validate the raw tables: their columns and values, and whether they join."""

from collections.abc import Collection, Mapping

import duckdb

from clustering.core import sql
from clustering.core.contract import Column, Files, Table
from clustering.core.errors import InputError

# More numbers than this, and a column of texts is one of numbers with a few mistakes.
MOSTLY_NUMBERS = 0.9


def check_columns(table: Table, files: Files, types: dict[str, str]) -> None:
    """Reject a column of the contract that is missing or of an incompatible type.

    Parameters
    ----------
    table, files : Table and Files
        The table, and where it lies.
    types : dict
        Type of every column there, by its name in capitals.

    Raises
    ------
    InputError
        For the first such column.
    """
    columns = table.columns.values()
    for column in columns:
        if column.is_optional:
            continue
        type_ = types.get(column.name)
        if type_ is None:
            raise files.refuse(
                f"column {column.name} is missing, found {', '.join(types)}",
                "add or rename the column",
            )
        if column.data_type == "varchar" and type_ != "VARCHAR":
            raise files.refuse(
                f"column {column.name} is {type_}, wanted text (VARCHAR)",
                "write it as text: leading zeros ('0042') are lost in numbers and"
                " cannot be guessed back",
            )
    for column in columns:
        type_ = types.get(column.name, "VARCHAR")
        is_date = type_ == "VARCHAR" or type_.startswith(("DATE", "TIMESTAMP"))
        if column.data_type == "date" and not is_date:
            raise files.refuse(
                f"column {column.name} is {type_}, wanted a date",
                "write it as a date, or as text YYYY-MM-DD",
            )


def check_values(
    table: Table,
    files: Files,
    types: dict[str, str],
    connection: duckdb.DuckDBPyConnection,
    *,
    joined: Collection[str],
    excluded_columns: Collection[str],
) -> None:
    """Reject values that would make every figure wrong.

    What the rows of a large table have to be read for is found in one pass.

    Parameters
    ----------
    table, files, types : Table, Files and dict
        As in :func:`check_columns`.
    connection : duckdb.DuckDBPyConnection
        Has the table as a view in the schema ``raw``. It gets a table of the same name
        in the schema ``seen``, with one row: what the pass found, and the different
        values of each joined column.
    joined : collection of str
        Columns that `check_together` joins.
    excluded_columns : collection of str
        The setting excluded_external_columns.

    Raises
    ------
    InputError
        For the first of them.
    """
    checks = _Checks(table, files, connection)
    as_text = [
        column
        for column in table.columns.values()
        if types.get(column.name) == "VARCHAR" and column.data_type != "varchar"
    ]
    checks.read(as_text, joined)
    checks.rows()
    for column in as_text:
        checks.casts(column)
    if table.key:
        checks.key()
    if not table.has_attributes:
        return
    excluded = {sql.upper(name) for name in excluded_columns}
    checks.filled(excluded)
    if files.format == "csv":
        for name, type_ in types.items():
            is_attribute = name not in table.columns and name not in excluded
            if type_ == "VARCHAR" and is_attribute:
                checks.numbers_in_text(name)


class _Checks:
    def __init__(
        self, table: Table, files: Files, connection: duckdb.DuckDBPyConnection
    ) -> None:
        self.table, self.files, self.connection = table, files, connection
        self.view, self.seen = f"raw.{table.name}", f"seen.{table.name}"

    def read(self, as_text: Collection[Column], joined: Collection[str]) -> None:
        """Read the rows once, for all that is asked of them below."""
        asked = ["count(*) as row_count"]
        if several := self.table.several:
            asked += [f"min({several}) as least", f"max({several}) as most"]
        for column in as_text:
            name = column.name
            is_bad = (
                f"(try_cast({name} as {column.data_type}) is null"
                f" and trim({name}) <> '')"
            )
            asked += [
                f"min({name}) filter ({is_bad}) as bad_{name}",
                f"count(*) filter ({is_bad}) as bad_{name}_rows",
            ]
        asked += [f"list(distinct trim({name})) as {name}" for name in joined]
        self.connection.execute(
            f"create table {self.seen} as select {', '.join(asked)} from {self.view}"
        )

    def rows(self) -> None:
        """Look for rows, and for sales, for more than one store."""
        several = self.table.several
        found = "least, most" if several else "1, 2"
        count, least, most = self._one(f"select row_count, {found} from {self.seen}")
        if count == 0:
            raise self.files.refuse(
                "the table has a header but 0 rows", "write it again, with rows"
            )
        if several and least == most:
            raise self.files.refuse(
                f"column {several} has one value only, {sql.text(str(least))}",
                "there is nothing to cluster with fewer than 2 stores: give more of"
                " them",
            )

    def casts(self, column: Column) -> None:
        """Look for text in a number or date column: the first such value, by value."""
        name = column.name
        bad, count = self._one(f"select bad_{name}, bad_{name}_rows from {self.seen}")
        if count:
            wanted = "date as YYYY-MM-DD" if column.data_type == "date" else "number"
            raise self.files.refuse(
                f"column {name} has {sql.text(bad)}, wanted a {wanted}"
                f" ({count} such rows)",
                "correct those values, or leave them empty",
            )

    def key(self) -> None:
        """Look for two rows of one key: which of them holds is not ours to say."""
        key = ", ".join(self.table.key)
        filled = " and ".join(f"{column} is not null" for column in self.table.key)
        twice = self.connection.execute(
            f"select {key}, count(*) from {self.view} where {filled} group by {key}"
            f" having count(*) > 1 order by {key} limit 1"
        ).fetchone()
        if twice:
            *values, count = twice
            shown = sql.text(", ".join(map(str, values)))
            raise self.files.refuse(
                f"column {key} has {shown} in {count} rows, wanted 1",
                "keep one row for each",
            )

    def filled(self, excluded: Collection[str]) -> None:
        """Look for an external column without a single value: a broken extract."""
        empty = self.connection.execute(
            f"select name from (unpivot (select count(columns(*)) from {self.view})"
            " on columns(*) into name name value filled) where filled = 0"
            " order by name"
        ).fetchall()
        for (name,) in empty:
            if sql.upper(name) not in {*excluded, *self.table.columns}:
                raise self.files.refuse(
                    f"column {name} is null in every row",
                    "fill or remove it, or name it in the var"
                    " excluded_external_columns",
                )

    def numbers_in_text(self, name: str) -> None:
        """Look for numbers with texts among them: a feature that would be lost."""
        column = sql.name(name)
        number = f"try_cast({column} as double)"
        first, count, numbers = self._one(
            f"select min({column}) filter ({number} is null), count({column}),"
            f" count({number}) from {self.view}"
        )
        if numbers > MOSTLY_NUMBERS * count:
            raise self.files.refuse(
                f"column {name} has {sql.text(str(first))} among {numbers} numbers",
                "leave that value empty, or name the column in the var"
                " excluded_external_columns",
            )

    def _one(self, query: str) -> tuple:
        return self.connection.execute(query).fetchall()[0]


# Values that the other side has only with other zeros in front, capitals or spaces.
UNLIKE = """
    with
    left_values as (select unnest({left_column}) as value from seen.{left}),
    right_values as (select unnest({right_column}) as value from seen.{right}),
    only_left as (from left_values except from right_values),
    only_right as (from right_values except from left_values)
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
        Has them as views in the schema ``raw``, and what `check_values` saw of them in
        the schema ``seen``.
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
        if column.references and column.references[0] in where:
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
