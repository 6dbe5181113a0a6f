"""A table of other names, shapes and signs, read as one of the contract."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import duckdb

from clustering.core import sql
from clustering.core.contract import Column, Files, Table
from clustering.core.errors import InputError
from clustering.core.input.files import in_sql
from clustering.core.mapping import NUMBER, MappedTable, Melt
from clustering.core.settings import nearest

# The columns of a table that was melted.
NAME, VALUE = '"melted name"', '"melted value"'
FLOATS = ("DOUBLE", "FLOAT")


def check_mapping(
    tables: Mapping[str, MappedTable], contract: Collection[Table]
) -> None:
    """Reject a table or a column that the contract does not have.

    Raises
    ------
    InputError
        For the first of them.
    """
    known = {table.name: table for table in contract}
    for name, mapping in tables.items():
        if name not in known:
            raise InputError(
                f"input.tables: no table {name!r}; {nearest(name, list(known))}"
            )
        if known[name].has_attributes:
            continue
        melt = mapping.melt
        columns = known[name].columns
        for column in (*mapping.columns, *((melt.into, melt.values) if melt else ())):
            if column not in columns:
                raise InputError(
                    f"input.tables.{name}: no column {column!r} in the contract;"
                    f" {nearest(column, list(columns))}"
                )


def reader_of_mapped(
    table: Table,
    mapping: MappedTable,
    files: Files,
    connection: duckdb.DuckDBPyConnection,
) -> str:
    """Return the query, in brackets, that reads a table by the contract's names.

    Parameters
    ----------
    table : Table
        The table of the contract.
    mapping : MappedTable
        What its columns are called there.
    files : Files
        Where it lies.
    connection : duckdb.DuckDBPyConnection
        Anything that can read the files.

    Raises
    ------
    InputError
        If the files lack a column that the mapping names.
    """
    return _Reading(table, mapping, files, connection).query()


class _Source(NamedTuple):
    """A column as the files have it: how SQL calls it, and its type."""

    name: str
    type: str


class _Reading:
    def __init__(
        self,
        table: Table,
        mapping: MappedTable,
        files: Files,
        connection: duckdb.DuckDBPyConnection,
    ) -> None:
        self.table, self.mapping, self.files = table, mapping, files
        self.connection = connection
        self.reader = plain_reader(mapping, files)
        self.sources = self._sources()
        self._check_columns()
        features = self._features()
        if features and files.format == "csv":
            as_text = self._named(mapping.columns.values(), mapping.percent)
            self.reader = typed_reader(mapping, files, as_text)
            self.sources = self._sources()
        self.features = [self._source(name) for name in features]

    def query(self) -> str:
        columns = [
            f"{self._value(column, name)} as {sql.name(column)}"
            for column, name in self.mapping.columns.items()
        ]
        columns += [self._feature(source) for source in self.features]
        rows, where = self.reader, ""
        if self.mapping.melt:
            melted, rows = self._melt(self.mapping.melt)
            columns += melted
            number = number_in(VALUE, self.mapping)
            where = f" where coalesce(try_cast({number} as double), 1) <> 0"
        unique = "distinct " if self.mapping.distinct else ""
        return f"(select {unique}{', '.join(columns)} from {rows}{where})"

    def _sources(self) -> dict[str, _Source]:
        """Return the columns of the files, by name in capitals and without spaces."""
        described = self.connection.execute(f"describe from {self.reader}").fetchall()
        return {
            sql.upper(name.strip()): _Source(name, type_)
            for name, type_, *_ in described
        }

    def _source(self, name: str) -> _Source:
        return self.sources[sql.upper(name.strip())]

    def _named(self, *names: Iterable[str | None]) -> list[str]:
        return [self._source(name).name for some in names for name in some if name]

    def _check_columns(self) -> None:
        for key, name in self.mapping.used_names():
            if sql.upper(name.strip()) not in self.sources:
                found = ", ".join(source.name for source in self.sources.values())
                raise self.files.refuse(
                    f"column {name} is missing, found {found}",
                    f"correct input.tables.{self.table.name}.{key} in the environment's"
                    " file, or make it anew: clustering map",
                )

    def _features(self) -> list[str]:
        """Return the names of the columns that are external features."""
        if not self.table.has_attributes:
            return []
        if self.mapping.features is not None:
            return self.mapping.features
        used = {sql.upper(name.strip()) for _, name in self.mapping.used_names()}
        melted = set(self._melted(self.mapping.melt)) if self.mapping.melt else set()
        used -= {sql.upper(name.strip()) for name in self.mapping.percent}
        return [
            source.name
            for name, source in self.sources.items()
            if name not in used and source.name not in melted
        ]

    def _feature(self, source: _Source) -> str:
        if source.name not in self._named(self.mapping.percent):
            return sql.name(source.name)
        text = f"rtrim(trim({sql.name(source.name)}::varchar), '% ')"
        number = number_in(text, self.mapping)
        bad = self.connection.execute(
            f"select min({text}) from {self.reader}"
            f" where try_cast({number} as double) is null and {text} <> ''"
        ).fetchone()
        if bad and bad[0] is not None:
            raise self.files.refuse(
                f"column {source.name} has {sql.text(bad[0])}, wanted per cent as 2.4%",
                "correct those values, or leave them empty",
            )
        return f"try_cast({number} as double) as {sql.name(source.name)}"

    def _value(self, column: str, name: str | None) -> str:
        described = self.table.columns.get(column)
        if name is None:
            return f"null::{described.data_type if described else 'varchar'}"
        source = self._source(name)
        return as_contract(described, sql.name(source.name), source.type, self.mapping)

    def _melt(self, melt: Melt) -> tuple[list[str], str]:
        """Return the columns that take the melted ones, and the rows that have them."""
        melted = self._melted(melt)
        if not melted:
            found = ", ".join(source.name for source in self.sources.values())
            raise self.files.refuse(
                f"no column is called as in {melt.names!r}, found {found}",
                f"correct input.tables.{self.table.name}.melt.names",
            )
        kept = self._named(self.mapping.columns.values(), self.mapping.percent)
        kept += [source.name for source in self.features]
        shown = [sql.name(name) for name in dict.fromkeys(kept)]
        texts = [f"{sql.name(name)}::varchar as {sql.name(name)}" for name in melted]
        rows = (
            f"(unpivot (select {', '.join(shown + texts)} from {self.reader})"
            f" on {', '.join(map(sql.name, melted))} into name {NAME} value {VALUE})"
        )
        value = as_contract(
            self.table.columns.get(melt.values), VALUE, "VARCHAR", self.mapping
        )
        columns = [
            f"{self._melted_name(melt, melted)} as {sql.name(melt.into)}",
            f"{value} as {sql.name(melt.values)}",
        ]
        return columns, rows

    def _melted(self, melt: Melt) -> list[str]:
        """Return the columns that become rows."""
        if melt.columns is not None:
            return self._named(melt.columns)
        names = [source.name for source in self.sources.values()]
        return list(days_in(names, melt, self.connection))

    def _melted_name(self, melt: Melt, melted: Sequence[str]) -> str:
        if melt.columns is not None:
            return NAME
        days = days_in(melted, melt, self.connection)
        names = ", ".join(map(sql.text, days))
        values = ", ".join(map(sql.text, days.values()))
        return f"map([{names}], [{values}])[{NAME}]"


def plain_reader(mapping: MappedTable, files: Files) -> str:
    """Return the table function that reads files; of csv, all columns are text."""
    if files.format == "parquet":
        options = "union_by_name = true, hive_types_autocast = false"
        return f"read_parquet({in_sql(files.paths)}, {options})"
    return f"{_csv(mapping, files)}, all_varchar = true)"


def typed_reader(mapping: MappedTable, files: Files, as_text: Iterable[str]) -> str:
    """Return the table function that reads csv files, and types what is not text."""
    types = ", ".join(f"{sql.text(name)}: 'VARCHAR'" for name in as_text)
    reader = f"{_csv(mapping, files)}, sample_size = -1"
    reader += f", decimal_separator = {sql.text(mapping.decimal)}"
    if mapping.thousands:
        reader += f", thousands = {sql.text(mapping.thousands)}"
    return f"{reader}, types = {{{types}}})" if types else f"{reader})"


def _csv(mapping: MappedTable, files: Files) -> str:
    words = ", ".join(map(sql.text, ("", *mapping.nulls)))
    return (
        f"read_csv({in_sql(files.paths)}, header = true, union_by_name = true,"
        " hive_types_autocast = false, quote = '\"', escape = '\"',"
        f" nullstr = [{words}]"
    )


def as_contract(
    column: Column | None, value: str, type_: str, mapping: MappedTable
) -> str:
    """Return a value as the contract has it; a text that cannot be read stays.

    Parameters
    ----------
    column : Column or None
        The column of the contract; None: an external feature.
    value, type_ : str
        The value in SQL, and its type in the files.
    mapping : MappedTable
        How numbers and dates are written.
    """
    if column is None:
        return value
    if column.data_type == "varchar":
        return _text(value, type_)
    if column.data_type == "date":
        if mapping.dates is None:
            return value
        return date_in(f"{value}::varchar", mapping.dates)
    return number_in(value, mapping) if type_ == "VARCHAR" else value


def _text(value: str, type_: str) -> str:
    """Return a key as text: 7 of a number that is 7.0, as where some are missing."""
    if type_ == "VARCHAR":
        return value
    text = f"{value}::varchar"
    return f"regexp_replace({text}, '\\.0$', '')" if type_ in FLOATS else text


def date_in(value: str, written: str) -> str:
    """Return the SQL of a text with a date in a format; another text stays."""
    if "%V" in written and "%u" not in written:  # the day that a week begins with
        value, written = f"{value} || ' 1'", f"{written} %u"
    day = f"try_strptime(trim({value}), {sql.text(written)})::date::varchar"
    return f"coalesce({day}, {value})"


def number_in(value: str, mapping: MappedTable) -> str:
    """Return the SQL of a text with a number in other signs; another text stays."""
    group, point = mapping.thousands, mapping.decimal
    if point == "." and not group and not mapping.currency:
        return value
    digits, fraction = r"\d+", rf"({re.escape(point)}\d+)?"
    if group:
        digits = rf"(\d{{1,3}}({re.escape(group)}\d{{3}})+|\d+)"
    text = f"trim({value})"
    if mapping.currency:
        text = f"trim(replace({text}, {sql.text(mapping.currency)}, ''))"
    pattern = sql.text(rf"[-+]?{digits}{fraction}")
    number = f"replace({text}, {sql.text(group)}, '')" if group else text
    number = f"replace({number}, {sql.text(point)}, '.')"
    return (
        f"case when regexp_full_match({text}, {pattern}) then {number} else {value} end"
    )


def days_in(
    names: Sequence[str], melt: Melt, connection: duckdb.DuckDBPyConnection
) -> dict[str, str]:
    """Return the day that a name of a column says, of those that say one."""
    if melt.is_numbered:
        begin, end = map(re.escape, (melt.names or "").split(NUMBER, 1))
        pattern = sql.text(rf"(?i)^{begin}(\d+){end}$")
        number = f"try_cast(regexp_extract(name, {pattern}, 1) as integer)"
        day = f"{sql.text(str(melt.first))}::date + {melt.days} * ({number} - 1)"
    else:
        day = f"try_cast({date_in('name', melt.names or '')} as date)"
    found = connection.execute(
        f"select name, ({day})::varchar from (select unnest($names) as name)",
        {"names": list(names)},
    ).fetchall()
    return {name: day for name, day in found if day}
