"""The columns of a table: their kinds, how they are written, their figures."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from clustering.core import sql
from clustering.core.contract import Column
from clustering.core.input.guesses.written import Written, look_at
from clustering.core.input.mapped import as_contract
from clustering.core.mapping import MappedTable

# Different values that are looked at.
MOST_VALUES = 3_000
TYPED = {"DOUBLE": "number", "FLOAT": "number", "DATE": "date", "BOOLEAN": "text"}
AS_DATA = {"number": "double", "date": "date"}


@dataclass(frozen=True)
class Profile:
    """A column of a table.

    Parameters
    ----------
    name : str
        As in the file.
    place : int
        Its place there.
    written : Written
        Its kind, and how its values are written.
    key, value : str
        Columns of the loaded table: its texts; its numbers or dates.
    distinct, filled : int
        Different values, and values.
    whole, positive, precise : float
        Shares of its numbers that are whole, above 0, and with over three decimals.
    mean, least, most : float
        Of its numbers.
    """

    name: str
    place: int
    written: Written
    key: str
    value: str
    distinct: int
    filled: int
    whole: float = 0
    positive: float = 0
    precise: float = 0
    mean: float = 0
    least: float = 0
    most: float = 0

    @property
    def is_number(self) -> bool:
        """Whether it has numbers only."""
        return self.written.kind == "number"

    @property
    def is_date(self) -> bool:
        """Whether it has dates only."""
        return self.written.kind == "date"

    @property
    def may_be_key(self) -> bool:
        """Whether it may name something."""
        is_name = self.written.kind == "text" or (self.is_number and self.whole == 1)
        return is_name and not self.written.is_percent and self.filled > 0


def load_columns(
    table: str,
    described: Sequence[tuple[str, str]],
    connection: duckdb.DuckDBPyConnection,
) -> list[Profile]:
    """Make a table of keys and values from ``NAME_raw``, and look at its columns.

    Parameters
    ----------
    table : str
        Its name.
    described : sequence of (str, str)
        Names and types of the columns.
    connection : duckdb.DuckDBPyConnection
        Has ``NAME_raw``, and gets the table.
    """
    written = [
        _look_at(f"{table}_raw", name, type_, connection) for name, type_ in described
    ]
    signs = signs_of(written)
    shown = [
        part
        for place, ((name, type_), how) in enumerate(
            zip(described, written, strict=True)
        )
        for part in _shown(place, name, type_, how, signs)
    ]
    connection.execute(
        f"create table {table} as select {', '.join(shown)} from {table}_raw"
    )
    return [
        _profile(table, place, name, how, connection)
        for place, ((name, _), how) in enumerate(zip(described, written, strict=True))
    ]


def signs_of(written: Sequence[Written]) -> MappedTable:
    """Return how most columns of a table write their numbers; as a mapping has it."""
    numbers = [how for how in written if how.kind == "number"]
    decimal = "," if any(how.decimal == "," for how in numbers) else "."
    groups = {how.thousands for how in numbers if how.decimal == decimal} - {""}
    signs = {how.currency for how in numbers} - {""}
    return MappedTable(
        files=[""],
        decimal=decimal,
        thousands=min(groups, default=None),
        currency=min(signs, default=None),
        nulls=sorted({word for how in numbers for word in how.nulls}),
    )


def _look_at(
    table: str, name: str, type_: str, connection: duckdb.DuckDBPyConnection
) -> Written:
    if kind := TYPED.get(type_):
        return Written(kind)
    if type_.startswith(("TIMESTAMP", "DECIMAL")):
        return Written("date" if type_.startswith("T") else "number")
    column = sql.name(name)
    values = connection.execute(
        f"select distinct {column}::varchar from {table} where {column} is not null"
        f" limit {MOST_VALUES}"
    ).fetchall()
    return look_at(value for (value,) in values)


def _shown(
    place: int, name: str, type_: str, written: Written, signs: MappedTable
) -> tuple[str, str]:
    column = sql.name(name)
    key = as_contract(Column("", "varchar"), column, type_, signs)
    data_type = AS_DATA.get(written.kind)
    if data_type is None:
        value = "null"
    else:
        text = f"rtrim({column}, '% ')" if written.is_percent else column
        how = signs.model_copy(update={"dates": written.dates})
        number = as_contract(Column("", data_type), text, type_, how)
        value = f"try_cast({number} as {data_type})"
        value = f"case when isfinite({value}) then {value} end"
    return (
        f"nullif(trim({key}), '') as key_{place}",
        f"{value} as value_{place}",
    )


def _profile(
    table: str,
    place: int,
    name: str,
    written: Written,
    connection: duckdb.DuckDBPyConnection,
) -> Profile:
    key, value = f"key_{place}", f"value_{place}"
    counts = connection.execute(
        f"select count(distinct {key}), count({key}) from {table}"
    ).fetchall()[0]
    figures: Sequence[float] = ()
    if written.kind == "number":
        found = connection.execute(
            f"select avg(({value} = floor({value}))::int), avg(({value} > 0)::int),"
            f" avg((abs({value} - round({value}, 3)) > 1e-9)::int), avg({value}),"
            f" min({value}), max({value}) from {table}"
        ).fetchall()[0]
        figures = [float(figure or 0) for figure in found]
    return Profile(name, place, written, key, value, *counts, *figures)
