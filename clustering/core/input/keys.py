"""Join keys: cleaned of what nobody sees, spelled in one way, on both sides."""

from collections.abc import Collection, Generator, Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

import duckdb

from clustering.core import sql
from clustering.core.contract import Column, Files, Table
from clustering.core.errors import InputError
from clustering.core.input.checks import MONEY
from clustering.core.input.report import Coverage

# Characters without a width, spaces of other kinds, and full-width digits.
INVISIBLE = (
    r"[\x{AD}\x{61C}\x{180E}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}"
    r"\x{FE00}-\x{FE0F}\x{FEFF}]"
)
SPACES = r"[\s\x{A0}\x{2007}\x{202F}\x{3000}]"
WIDE_DIGITS = "".join(chr(0xFF10 + digit) for digit in range(10))
# Share of the keys of the table with fewer of them that the other one has to have, too:
# fewer are not gaps, but two ways to write them.
LEAST_COVERAGE = 0.1
# Numbers as a spreadsheet shows them, which has lost their last digits.
EXPONENT = r"(?i)\d(\.\d+)?E\+\d+|\d\.\d+E\d+"
# What programs write for no value, and the names of rows that add up others.
NO_KEYS = (
    *("NULL", "NAN", "NONE", "NA", "N/A", "#N/A", "<NA>", "NAT", r"\N"),
    *("TOTAL", "TOTALS", "GRAND TOTAL", "SUBTOTAL", "SUB-TOTAL", "SUB TOTAL"),
)
DASHES = "".join(map(chr, [*range(0x2010, 0x2016), 0x2212]))
QUOTES = "\u2018\u2019\u02bc`"


def cleaned(value: str, column: str) -> str:
    """Return the SQL of a key as it is joined: composed, and null if it is no key.

    The name of its own column is none either: a header amid the rows.
    """
    text = _composed(value)
    return f"case when {_is_no_key(text, column)} then null else {text} end"


def _is_no_key(text: str, column: str) -> str:
    words = ", ".join(map(sql.text, [*NO_KEYS, column]))
    return f"upper({text}) in ({words})"


def _composed(value: str) -> str:
    """Return the SQL of a text in one form: composed, without what nobody sees."""
    text = f"regexp_replace({value}, '{INVISIBLE}', '', 'g')"
    text = f"trim(regexp_replace({text}, '{SPACES}', ' ', 'g'))"
    return f"translate(nfc_normalize({text}), '{WIDE_DIGITS}', '0123456789')"


def _likeness(value: str) -> str:
    """Return the SQL of what two spellings of one key have in common."""
    text = f"regexp_replace(upper({value}), '\\s+', ' ', 'g')"
    text = f"regexp_replace({text}, '^[=''\"]+|[''\"]+$', '', 'g')"
    text = f"regexp_replace({text}, '^(\\d+)\\.0+$', '\\1')"
    for characters, plain in ((DASHES, "-"), (QUOTES, "'"), ("O", "0")):
        others = plain * len(characters)
        text = f"translate({text}, {sql.text(characters)}, {sql.text(others)})"
    return f"ltrim({text}, '0')"


class CleanedKeys(NamedTuple):
    """The keys with texts in another form, and those with words for no value."""

    recomposed: list[str]
    emptied: list[str]

    @property
    def columns(self) -> list[str]:
        """Each of them once."""
        return [*dict.fromkeys(self.recomposed + self.emptied)]

    def notes(self) -> Generator[str]:
        """Yield what was done, in words."""
        if self.recomposed:
            yield (
                "invisible characters or letters in several forms in"
                f" {', '.join(self.recomposed)}, cleaned"
            )
        if self.emptied:
            yield (
                "words for no value (NULL, nan) or for totals in"
                f" {', '.join(self.emptied)}, taken as empty"
            )


def clean_keys(
    table: Table, keys: Collection[str], connection: duckdb.DuckDBPyConnection
) -> CleanedKeys:
    """Find the keys with values that have to be cleaned; clean those that were seen.

    Parameters
    ----------
    table : Table
        Its row in the schema ``seen`` has the different values of each key.
    keys : collection of str
        Names of columns.
    connection : duckdb.DuckDBPyConnection
        Has the schema ``seen``.
    """
    found = CleanedKeys([], [])
    for key in keys:
        is_odd = f"v <> {_composed('v')}"
        is_no_key = _is_no_key(_composed("v"), key)
        counts = (
            f"coalesce(len(list_filter({key}, lambda v: {is_wanted})), 0)"
            for is_wanted in (is_odd, is_no_key)
        )
        [(odd, no_keys)] = connection.execute(
            f"select {', '.join(counts)} from seen.{table.name}"
        ).fetchall()
        if odd:
            found.recomposed.append(key)
        if no_keys:
            found.emptied.append(key)
        if odd or no_keys:  # of equal values one is left, and no null
            clean = f"list_transform({key}, lambda v: {cleaned('v', key)})"
            connection.execute(
                f"update seen.{table.name} set {key} = list_distinct({clean})"
            )
    return found


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
) -> list[Coverage]:
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
    list of Coverage
        How far the keys of each table are in the tables that they are joined with.

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
    return [join.coverage for join in joins]


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
            f" where regexp_full_match(value, {sql.text(EXPONENT)})"
            " order by all limit 1"
        )
        sales, missing_sales = (
            self._sales() if "TOTAL_SALES" in table.columns else (None, None)
        )
        self.coverage = Coverage(
            self.left,
            self.left_column,
            self.right,
            self.right_column,
            key_count=self.count,
            missing_count=self.missing,
            sales=sales,
            missing_sales=missing_sales,
            examples=tuple(value for (value,) in self.examples),
        )

    def _sales(self) -> tuple[Decimal, Decimal]:
        """Return the sales of all keys, and of those that the other table lacks."""
        [(sales,)] = self._all(f"select sales from seen.{self.left}")
        if not self.missing:
            return sales, Decimal(0)
        [(missing_sales,)] = self._all(
            f"select coalesce(sum({MONEY}) filter ({MONEY} > 0), 0)"
            f" from raw.{self.left} where trim({self.left_column}) in (from missing)"
        )
        return sales, missing_sales

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
