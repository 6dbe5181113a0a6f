"""Validate the columns and values of a raw table."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

import duckdb

from clustering.core import sql
from clustering.core.contract import Column, Files, Table
from clustering.core.errors import InputError
from clustering.core.input.dates import YEARS, explain_dates
from clustering.core.input.diagnosis import find_defect, read_header
from clustering.core.input.files import in_sql

# More numbers than this, and a column of texts is one of numbers with a few mistakes.
MOSTLY_NUMBERS = 0.9
# Words for no value.
NO_VALUE = (
    "('', '-', '--', '.', '?', 'N/A', '#N/A', 'N.A.', 'NA', 'NAN', 'NULL', 'NONE',"
    " 'NIL', 'MISSING', 'UNKNOWN', 'INF', '-INF', 'INFINITY', '-INFINITY',"
    " '(BLANK)', '*', 'K.A.', 'N/D', '#VALUE!', '#REF!', '#DIV/0!')"
)
# A number with separators of thousands, a currency, a decimal comma, per cent, a unit,
# another minus, or brackets around what is negative.
UNITS = "[$€£¥]|%|(?i:EUR|USD|GBP|CHF|CAD|JPY|INR|km|mi|m2|m²|sqm|sqft|k)"
WRITTEN_NUMBER = (
    rf"[(<>~]?\s*[-+\x{{2212}}]?\s*({UNITS})?\s*"
    r"(\d{1,3}([,. ''\x{A0}\x{202F}\x{2019}]\d{2,3})+|\d+)([.,]\d+)?"
    rf"\s*({UNITS})?\s*\)?"
)
CODE = r"0\d+"  # digits that are no number: a ZIP, a phone
# No figure of a store is larger, and sums of what is are no numbers any more.
LARGEST = 1e30
# Sales in an exact type, so that their sum is the same in any order; as in the model
# int_sales_checked, which quarantines what it cannot hold.
MONEY = "try_cast(TOTAL_SALES as decimal(18, 4))"
# Sales of all stores together: sums of squares of more no longer fit into a decimal.
MOST_SALES = 10**15
# Different dates that are looked at to tell how they are written.
MOST_DATES = 1000
DEGREES = {"LATITUDE": 90, "LONGITUDE": 180}
NUMBER_TYPES = (
    "DOUBLE",
    "FLOAT",
    "DECIMAL",
    "HUGEINT",
    "BIGINT",
    "INTEGER",
    "SMALLINT",
    "TINYINT",
    "UBIGINT",
    "UINTEGER",
    "USMALLINT",
    "UTINYINT",
    "UHUGEINT",
)
# A whole type: no list of numbers.
NUMBER = re.compile(rf"({'|'.join(NUMBER_TYPES)})(\([\d,]+\))?")
# How pandas, R and others call a column that only counts the rows.
ROW_NUMBER = re.compile(r"|unnamed: \d+|__index_level_\d+__|column0+", re.IGNORECASE)


def check_headers(
    table: Table, files: Files, connection: duckdb.DuckDBPyConnection
) -> None:
    """Reject two columns of one name, and a file with other columns than the first.

    Raises
    ------
    InputError
        For the first such file.
    """
    wanted: list[str] | None = None
    for path, names in _headers(files, connection):
        spelled = [sql.upper(name.strip()) for name in names]
        for place, name in enumerate(spelled):
            if name and name in spelled[:place]:
                first = spelled.index(name) + 1
                raise InputError(
                    f"{files.original(path)}: columns {first} and {place + 1} are both"
                    f" called {name}; rename or remove one of them"
                )
        relevant = sorted(filter(_uses(table, files), spelled))
        wanted = relevant if wanted is None else wanted
        if relevant != wanted:
            lost, more = set(wanted) - set(relevant), set(relevant) - set(wanted)
            has = f"column {min(lost)} is missing" if lost else f"column {min(more)}"
            beside = files.original(files.paths[0])
            raise InputError(
                f"{files.original(path)}: {has}, {'which' if lost else 'not in'}"
                f" {beside}{' has' if lost else ''}; give every file of the folder the"
                " same columns"
            )


def _uses(table: Table, files: Files) -> Callable[[str], bool]:
    """Return which names, in capitals, are those of columns that are used."""
    if files.mapping is None:
        return lambda name: table.has_attributes or name in table.columns
    names = {sql.upper(name.strip()) for _, name in files.mapping.used_names()}
    takes_all = table.has_attributes and files.mapping.features is None
    return lambda name: takes_all or name in names


def _headers(
    files: Files, connection: duckdb.DuckDBPyConnection
) -> list[tuple[str, list[str]]]:
    """Return each file with the names of its columns; what cannot be read is left."""
    if files.format == "csv":
        found = [(path, read_header(path)) for path in files.paths]
        return [(path, names) for path, names in found if names]
    return [(path, _columns_of(path, connection)) for path in files.paths]


def _columns_of(path: str, connection: duckdb.DuckDBPyConnection) -> list[str]:
    query = f"describe from read_parquet({in_sql([path])}, hive_partitioning = false)"
    return [name for name, *_ in connection.execute(query).fetchall()]


def row_numbers(table: Table, files: Files, types: dict[str, str]) -> list[str]:
    """Return the columns without a name of their own, which only count the rows."""
    if not table.has_attributes:
        return []
    is_plain_csv = files.format == "csv" and files.mapping is None
    header = read_header(files.paths[0]) if is_plain_csv else None
    names = header if header and len(header) == len(types) else list(types)
    return [
        column
        for column, name in zip(types, names, strict=True)
        if ROW_NUMBER.fullmatch(name.strip())
    ]


def _hidden_in(name: str, names: Iterable[str]) -> str | None:
    """Return the name that is only as good as ``name`` to look at."""
    seen = {"".join(c for c in one if c.isprintable()).strip(): one for one in names}
    return seen.get(name)


def is_number(type_: str) -> bool:
    """Return whether a type of DuckDB is one of numbers.

    >>> is_number("DECIMAL(18,3)"), is_number("INTEGER[]")
    (True, False)
    """
    return NUMBER.fullmatch(type_) is not None


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
            if defect := find_defect(files):
                raise defect
            if hidden := _hidden_in(column.name, types):
                raise files.refuse(
                    f"column {column.name} has characters in its name that nobody"
                    f" sees: {hidden!a}",
                    "write the header again",
                )
            raise files.refuse(
                f"column {column.name} is missing, found {', '.join(types)}",
                "add or rename the column",
            )
        if column.data_type == "varchar" and type_ != "VARCHAR":
            raise files.refuse(
                f"column {files.called(column.name)} is {type_}, wanted text (VARCHAR)",
                "write it as text: leading zeros ('0042') are lost in numbers and"
                " cannot be guessed back",
            )
    for column in columns:
        type_ = types.get(column.name, "VARCHAR")
        is_date = type_ == "VARCHAR" or type_.startswith(("DATE", "TIMESTAMP"))
        if column.data_type == "date" and not is_date:
            raise files.refuse(
                f"column {files.called(column.name)} is {type_}, wanted a date",
                "write it as a date, or as text YYYY-MM-DD",
            )
        if column.data_type == "double" and not (
            type_ == "VARCHAR" or is_number(type_)
        ):
            raise files.refuse(
                f"column {files.called(column.name)} is {type_}, wanted a number",
                "write it as numbers",
            )


def check_values(
    table: Table,
    files: Files,
    types: dict[str, str],
    connection: duckdb.DuckDBPyConnection,
    *,
    keys: Collection[str],
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
        values of each key.
    keys : collection of str
        Columns that rows are joined or grouped by.
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
    checks.read(as_text, keys)
    checks.rows()
    for column in as_text:
        checks.casts(column)
    checks.periods()
    checks.sales()
    if table.key:
        checks.key()
    if not table.has_attributes:
        return
    excluded = {sql.upper(name) for name in excluded_columns}
    checks.filled(excluded)
    for name, type_ in types.items():
        if name in excluded or name in table.columns:
            continue
        if is_number(type_):
            checks.size(name)
        if type_ == "VARCHAR":
            checks.numbers_in_text(name)
    for name, most in DEGREES.items():
        if name in types:
            checks.degrees(name, most)


class _Texts(NamedTuple):
    """How many texts of a column are filled, and how many of them are what."""

    filled: int
    plain: int
    written: int
    no_value: int
    codes: int
    odd: str


class _Checks:
    def __init__(
        self, table: Table, files: Files, connection: duckdb.DuckDBPyConnection
    ) -> None:
        self.table, self.files, self.connection = table, files, connection
        self.view, self.seen = f"raw.{table.name}", f"seen.{table.name}"

    def read(self, as_text: Collection[Column], keys: Collection[str]) -> None:
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
        if "PERIOD_START" in self.table.columns:
            day = "try_cast(PERIOD_START as date)"
            asked += [f"min({day}) as first_day", f"max({day}) as last_day"]
        if "TOTAL_SALES" in self.table.columns:
            number = "try_cast(TOTAL_SALES as double)"
            is_sold = f"isfinite({number}) and {number} > 0"
            asked += [
                f"count(*) filter ({is_sold}) as sold",
                f"sum({MONEY}) filter ({MONEY} > 0) as sales",
            ]
        # trimmed once they are few: it costs more than to tell them apart
        trimmed = "list_distinct(list_transform(list(distinct {0}), lambda v: trim(v)))"
        asked += [f"{trimmed.format(name)} as {name}" for name in keys]
        self.connection.execute(
            f"create or replace table {self.seen} as"
            f" select {', '.join(asked)} from {self.view}"
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
                f"column {self.files.called(several)} has one value only,"
                f" {sql.text(str(least))}",
                "there is nothing to cluster with fewer than 2 stores: give more of"
                " them",
            )

    def casts(self, column: Column) -> None:
        """Look for text in a number or date column: the first such value, by value."""
        name = column.name
        bad, count = self._one(f"select bad_{name}, bad_{name}_rows from {self.seen}")
        if count:
            if sql.upper(bad.strip()) == name:
                raise self.files.refuse(
                    f"the header is there again, in {count} rows, as where files were"
                    " joined",
                    "remove those lines",
                )
            mapped = self.files.mapping
            written = (mapped and mapped.dates) or "YYYY-MM-DD"
            is_date = column.data_type == "date"
            wanted = f"date as {written}" if is_date else "number"
            kind, remedy = "", "correct those values, or leave them empty"
            if is_date:
                kind, remedy = explain_dates(self._unread_dates(name))
            raise self.files.refuse(
                f"column {self.files.called(name)} has {sql.text(bad)}"
                f"{kind and f', {kind}'}, wanted a {wanted} ({count} such rows)",
                remedy,
            )

    def _unread_dates(self, name: str) -> list[str]:
        """Return different texts of a column that are no dates."""
        rows = self.connection.execute(
            f"select distinct trim({name}) from {self.view}"
            f" where try_cast({name} as date) is null and trim({name}) <> ''"
            f" order by 1 limit {MOST_DATES}"
        ).fetchall()
        return [text for (text,) in rows]

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
            called = ", ".join(map(self.files.called, self.table.key))
            mapped = self.files.mapping
            is_distinct = mapped is not None and mapped.distinct
            raise self.files.refuse(
                f"column {called} has {shown} in {count} rows, wanted 1",
                "take out of the mapping's columns and features what it has several of"
                if is_distinct
                else "keep one row for each",
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
        """Look for numbers among texts, or written as people do: a feature lost."""
        seen = self._texts(name)
        if seen.codes or seen.plain + seen.written == 0:
            return
        texts = seen.filled - seen.no_value
        # plain numbers alone are codes that somebody wrote as text, and parquet says so
        if (
            seen.plain + seen.written > MOSTLY_NUMBERS * texts
            and seen.plain < seen.filled
        ):
            raise self.files.refuse(
                f"column {name} has {sql.text(seen.odd)}"
                + (
                    f" among {seen.plain} numbers" if seen.plain else ", wanted numbers"
                ),
                "write numbers as 1234.5 and leave absent ones empty, or name the"
                " column in the var excluded_external_columns",
            )

    def _texts(self, name: str) -> "_Texts":
        column = sql.name(name)
        is_plain = f"coalesce(isfinite(try_cast({column} as double)), false)"
        is_nothing = f"upper(trim({column})) in {NO_VALUE}"
        written, code = sql.text(WRITTEN_NUMBER), sql.text(CODE)
        is_written = f"regexp_full_match(trim({column}), {written})"
        return _Texts(
            *self._one(
                f"select count({column}),"
                f" count(*) filter ({is_plain}),"
                f" count(*) filter ({is_written} and not ({is_plain})),"
                f" count(*) filter ({is_nothing}),"
                f" count(*) filter (regexp_full_match(trim({column}), {code})),"
                f" min({column}) filter (not ({is_plain})) from {self.view}"
            )
        )

    def periods(self) -> None:
        """Look for years that nobody means: a day first, or two digits."""
        if "PERIOD_START" not in self.table.columns:
            return
        for day in self._one(f"select first_day, last_day from {self.seen}"):
            if day is not None and not YEARS[0] <= day.year <= YEARS[1]:
                raise self.files.refuse(
                    f"column {self.files.called('PERIOD_START')} has {day}, wanted a"
                    f" year from {YEARS[0]} to {YEARS[1]}",
                    "write dates as YYYY-MM-DD",
                )

    def sales(self) -> None:
        """Look for one row of sales that can be used."""
        if "TOTAL_SALES" not in self.table.columns:
            return
        count, sold, sales = self._one(
            f"select row_count, sold, sales from {self.seen}"
        )
        if not sold:
            raise self.files.refuse(
                f"column {self.files.called('TOTAL_SALES')} has no number above 0 in"
                f" {count} rows",
                "write the value of sales in currency",
            )
        if sales is not None and sales > MOST_SALES:
            raise self.files.refuse(
                f"column TOTAL_SALES adds up to {sales:.3g}, wanted at most"
                f" {MOST_SALES:.0e}",
                "correct the largest values, or write sales in thousands",
            )

    def size(self, name: str) -> None:
        """Look for numbers that break every figure made with them."""
        number = f"abs({sql.name(name)}::double)"
        (largest,) = self._one(
            f"select max({number}) filter (not isnan({number})) from {self.view}"
        )
        if largest is not None and largest > LARGEST:
            raise self.files.refuse(
                f"column {name} has {largest:g}, wanted numbers up to {LARGEST:g}",
                "correct that value, or leave it empty",
            )

    def degrees(self, name: str, most: int) -> None:
        """Look for coordinates that are none."""
        number = f"abs(try_cast({name} as double))"
        (largest,) = self._one(f"select max({number}) from {self.view}")
        if largest is not None and largest > most:
            raise self.files.refuse(
                f"column {self.files.called(name)} has {largest:g}, wanted degrees from"
                f" -{most} to {most}",
                "correct that value, or leave it empty",
            )

    def _one(self, query: str) -> tuple:
        return self.connection.execute(query).fetchall()[0]
