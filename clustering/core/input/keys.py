"""Join keys: cleaned of what nobody sees, spelled in one way, on both sides."""

from collections.abc import Collection, Iterable, Mapping

import duckdb

from clustering.core import sql
from clustering.core.contract import Column, Files, Table
from clustering.core.errors import InputError

# Characters without a width, spaces of other kinds, and full-width digits.
INVISIBLE = r"[\x{AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2064}\x{FEFF}]"
SPACES = r"[\s\x{A0}\x{2007}\x{202F}\x{3000}]"
WIDE_DIGITS = "".join(chr(0xFF10 + digit) for digit in range(10))
# Share of the keys of the table with fewer of them that the other one has to have, too:
# fewer are not gaps, but two ways to write them.
LEAST_COVERAGE = 0.1
# Numbers as a spreadsheet shows them, which has lost their last digits.
EXPONENT = r"\d(\.\d+)?E\+\d+"


def cleaned(value: str) -> str:
    """Return the SQL of a text in one form: composed, without what nobody sees."""
    text = f"regexp_replace({value}, '{INVISIBLE}', '', 'g')"
    text = f"trim(regexp_replace({text}, '{SPACES}', ' ', 'g'))"
    return f"translate(nfc_normalize({text}), '{WIDE_DIGITS}', '0123456789')"


def _likeness(value: str) -> str:
    """Return the SQL of what two spellings of one key have in common."""
    text = f"regexp_replace(upper({value}), '\\s+', ' ', 'g')"
    text = f"regexp_replace({text}, '^[=''\"]+|[''\"]+$', '', 'g')"
    text = f"regexp_replace({text}, '^(\\d+)\\.0+$', '\\1')"
    return f"ltrim({text}, '0')"


def clean_keys(
    table: Table, keys: Collection[str], connection: duckdb.DuckDBPyConnection
) -> list[str]:
    """Return the keys with values that have to be cleaned; clean those that were seen.

    Parameters
    ----------
    table : Table
        Its row in the schema ``seen`` has the different values of each key.
    keys : collection of str
        Names of columns.
    connection : duckdb.DuckDBPyConnection
        Has the schema ``seen``.
    """
    dirty = []
    for key in keys:
        is_dirty = f"len(list_filter({key}, lambda v: v <> {cleaned('v')})) > 0"
        query = f"select coalesce({is_dirty}, false) from seen.{table.name}"
        if connection.execute(query).fetchone() == (True,):
            dirty.append(key)
            connection.execute(
                f"update seen.{table.name} set {key} ="
                f" list_distinct(list_transform({key}, lambda v: {cleaned('v')}))"
            )
    return dirty


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
) -> list[str]:
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

    Returns
    -------
    list of str
        What is odd, and does not stop a run.

    Raises
    ------
    InputError
        For the first violation.
    """
    there = {table: files for table, files in found.items() if files}
    where = {table.name: files for table, files in there.items()}
    named = {table.name: table for table in there}
    columns = [(table, one) for table in there for one in table.columns.values()]
    for table, column in columns:
        if column.several_per:
            for name in (column.several_per, column.name):
                _check_spelling(table, name, where, connection)
            _check_several(
                table, column, where, connection, excluded=excluded_categories
            )
    joins = [
        _Join(table, column, named[column.references[0]], where, connection)
        for table, column in columns
        if column.references and column.references[0] in named
    ]
    for join in joins:
        join.check()
    _check_names(there, where, connection)
    return [note for join in joins for note in join.notes()]


def _check_spelling(
    table: Table,
    name: str,
    where: Mapping[str, Files],
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Reject a name that is written in two ways: each would be a group of its own."""
    likeness = r"regexp_replace(upper(value), '\s+', ' ', 'g')"
    twins = connection.execute(
        f"select list(value order by value)"
        f" from (select unnest({name}) as value from seen.{table.name})"
        f" where value <> '' group by {likeness} having count(*) > 1"
        " order by 1 limit 1"
    ).fetchone()
    if twins:
        first, second, *_ = map(sql.text, twins[0])
        raise where[table.name].refuse(
            f"column {where[table.name].called(name)} has {first} and {second}",
            "write both alike: capitals and spaces count",
        )


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
                f"column {where[table.name].called(column.name)} has one value only,"
                f" {sql.text(value)}, in"
                f" category {sql.text(category)}, wanted at least 2",
                "give the category more need states, or name it in the var"
                " excluded_categories",
            )


class _Join:
    """The keys of one table that should be in another one."""

    def __init__(
        self,
        table: Table,
        column: Column,
        right: Table,
        where: Mapping[str, Files],
        connection: duckdb.DuckDBPyConnection,
    ) -> None:
        assert column.references
        self.left, self.left_column = table.name, column.name
        self.right, self.right_column = right.name, column.references[1]
        # rows of stores without attributes are used, and those of unknown SKUs are not
        self.is_kept = right.has_attributes
        self.where = where
        self.connection = connection
        for side, table_name, key in (
            ("left", self.left, self.left_column),
            ("right", self.right, self.right_column),
        ):
            connection.execute(
                f"create or replace temp table {side}_keys as"
                f" from (select unnest({key}) as value from seen.{table_name})"
                " where value <> ''"
            )
        connection.execute(
            "create or replace temp table missing as"
            " from left_keys except from right_keys"
        )
        [(self.missing, self.count, self.other_count)] = self._all(
            "select (select count(*) from missing), (select count(*) from left_keys),"
            " (select count(*) from right_keys)"
        )
        self.examples = self._all("from missing order by value limit 2")
        self.others = self._all("from right_keys order by value limit 2")
        self.alike = self._all(
            "select missing.value, any_value(right_keys.value order by"
            " right_keys.value) from missing inner join right_keys"
            f" on {_likeness('missing.value')} = {_likeness('right_keys.value')}"
            " where missing.value <> right_keys.value"
            " group by missing.value order by missing.value limit 2"
        )
        self.exponents = self._all(
            "select side, value from (select 'left' as side, value from left_keys"
            " union all select 'right', value from right_keys)"
            f" where regexp_full_match(value, '{EXPONENT}') order by all limit 1"
        )

    def check(self) -> None:
        """Reject keys that are written in two ways, or have nothing in common."""
        if self.exponents:
            [(side, value)] = self.exponents
            raise InputError(
                f"{self._side(side)} has {sql.text(value)}, a number in exponent"
                " notation, whose last digits are lost; export the numbers as text"
            )
        ours, theirs = self._side("left"), self._side("right", between=", ")
        if self.alike:
            here, there = map(_listed, zip(*self.alike, strict=True))
            raise InputError(
                f"{ours} has {here} where {theirs}, has {there}; write both alike:"
                " leading zeros, capitals, spaces, quotes and decimals count"
            )
        common, fewest = self.count - self.missing, min(self.count, self.other_count)
        if fewest and common < LEAST_COVERAGE * fewest:
            here, there = (
                _listed(value for (value,) in values)
                for values in (self.examples, self.others)
            )
            raise InputError(
                f"{ours} has {here} and {theirs}, has {there}: {common} of {self.count}"
                " are the same; write both alike, without prefixes"
            )

    def notes(self) -> list[str]:
        """Say how many keys the other table lacks, where rows are kept without it."""
        if not (self.missing and self.is_kept):
            return []
        return [
            f"{self.missing} of {self.count} stores of {self.left} are not in"
            f" {self.right}, such as {_listed(x for (x,) in self.examples)}"
        ]

    def _side(self, side: str, *, between: str = ": ") -> str:
        left = (self.left, self.left_column)
        table, column = left if side == "left" else (self.right, self.right_column)
        files = self.where[table]
        return f"{files.where}{between}column {files.called(column)}"

    def _all(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()


def _listed(values: Iterable[str]) -> str:
    return ", ".join(map(sql.text, values))


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
