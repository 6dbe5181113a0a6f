"""The tables of a folder, loaded to be looked at: which columns go together."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

import duckdb

from clustering.core.contract import Files
from clustering.core.errors import InputError
from clustering.core.input import lakes
from clustering.core.input.copies import readable, sheets_of
from clustering.core.input.database import fetch, tables_of
from clustering.core.input.diagnosis import find_defect, reason_of
from clustering.core.input.files import find_all, format_of, here
from clustering.core.input.guesses.profiles import Profile, load_columns
from clustering.core.input.guesses.wide import Wide, find_wide
from clustering.core.input.mapped import plain_reader
from clustering.core.mapping import MappedTable

# Rows that are looked at, and rows for what depends on what.
MOST_ROWS = 3_000_000
MOST_COMPARED = 100_000


@dataclass(frozen=True, eq=False)
class Loaded:
    """A table of the folder.

    Parameters
    ----------
    name : str
        The loaded table; ``NAME_part`` has some of its rows.
    title : str
        How the user calls it.
    source : MappedTable
        Its files, encoding and sheet.
    rows : int
        Its rows.
    columns : list of Profile
        Its columns, without those that are periods.
    wide : Wide or None
        Its columns that are periods.
    melted : Profile or None
        The sum of these.
    """

    name: str
    title: str
    source: MappedTable
    rows: int
    columns: list[Profile]
    wide: Wide | None = None
    melted: Profile | None = None


class Folder:
    """The tables of a folder, and what their columns have to do with each other.

    Parameters
    ----------
    tables : iterable of Files
        Each with its files as a mapping has them.
    connection : duckdb.DuckDBPyConnection
        Gets the tables.

    Raises
    ------
    InputError
        If there is no table.
    """

    def __init__(
        self, tables: Iterable[Files], connection: duckdb.DuckDBPyConnection
    ) -> None:
        self.connection = connection
        self.tables: list[Loaded] = []
        self.unread: list[str] = []
        self._determined: dict[tuple[str, str, str], float] = {}
        self._overlaps: dict[tuple[str, str, str, str], float] = {}
        for files in tables:
            self._load(files)
        if not self.tables:
            unread = f" ({self.unread[0]})" if self.unread else ""
            raise InputError(
                f"no table in it{unread}; give a folder with files of csv, parquet or"
                " xlsx"
            )

    def determined(self, table: Loaded, by: Profile, column: Profile) -> float:
        """Return the share of rows that have the usual ``column`` of their ``by``."""
        place = (table.name, by.key, column.key)
        if place not in self._determined:
            self._determined[place] = self._number(
                "select sum(most) / sum(rows) from (select max(rows) as most,"
                f" sum(rows) as rows from (select {by.key} as owner, count(*) as rows"
                f" from {table.name}_part where {by.key} is not null"
                f" and {column.key} is not null group by owner, {column.key})"
                " group by owner)"
            )
        return self._determined[place]

    def overlap(
        self, table: Loaded, column: Profile, other: Loaded, match: Profile
    ) -> float:
        """Return how many values two columns share, of the one with fewer of them."""
        place = (table.name, column.key, other.name, match.key)
        if place not in self._overlaps:
            common = self._number(
                f"select count(*) from (select {column.key} from {table.name}"
                f" where {column.key} is not null"
                f" intersect select {match.key} from {other.name})"
            )
            fewest = min(column.distinct, match.distinct)
            self._overlaps[place] = common / fewest if fewest else 0
        return self._overlaps[place]

    def explained(self, table: Loaded, by: Profile, value: str) -> float:
        """Return the share of a value's variance that a column explains, 0 to 1."""
        return self._number(
            f"with part as (select {by.key} as owner, {value} as value"
            f" from {table.name}_part where {value} is not null)"
            " select 1 - sum(variance * rows) / nullif(sum(rows)"
            " * (select var_pop(value) from part), 0) from (select"
            " var_pop(value) as variance, count(*) as rows from part group by owner)"
        )

    def measured(self, table: Loaded, expression: str) -> float:
        """Return an aggregate of the rows that are compared; 0 where it is null."""
        return self._number(f"select {expression} from {table.name}_part")

    def several(self, table: Loaded, column: Profile, per: Profile) -> float:
        """Return the share of the values of ``per`` with two of ``column`` or more."""
        return self._number(
            f"select avg((n > 1)::int) from (select count(distinct {column.key}) as n"
            f" from {table.name} where {per.key} is not null group by {per.key})"
        )

    def named_after(self, table: Loaded, other: Loaded, column: Profile) -> list[str]:
        """Return the columns of numbers that are called as values of another column."""
        rows = self.connection.execute(
            f"select distinct {column.key} from {other.name}"
        ).fetchall()
        values = {value for (value,) in rows}
        return [
            one.name for one in table.columns if one.is_number and one.name in values
        ]

    def _number(self, query: str) -> float:
        [(value,)] = self.connection.execute(query).fetchall()
        return float(value or 0)

    def _load(self, files: Files) -> None:
        name, source = f"table_{len(self.tables)}", files.mapping
        assert source
        try:
            reader = plain_reader(source, files)
            rows = self.connection.execute(f"describe from {reader}").fetchall()
            described = [(column, type_) for column, type_, *_ in rows]
            self.connection.execute(
                f"create table {name}_raw as from {reader} limit {MOST_ROWS}"
            )
            columns = load_columns(name, described, self.connection)
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            defect = find_defect(files) or f"{files.where}: {reason_of(error)}"
            self.unread.append(str(defect))
            return
        count = int(self._number(f"select count(*) from {name}"))
        if count:
            loaded = Loaded(name, files.where, source, count, columns)
            self.tables.append(self._with_periods(loaded))
            every = max(1, count // MOST_COMPARED)
            self.connection.execute(
                f"create table {name}_part as from {name}"
                f" where hash(rowid) % {every} = 0"
            )
        self.connection.execute(f"drop table {name}_raw")

    def _with_periods(self, table: Loaded) -> Loaded:
        """Set the columns that are periods apart, and add them up."""
        may_be = [one for one in table.columns if one.is_number or not one.filled]
        wide = find_wide(column.name for column in may_be)
        if wide is None:
            return table
        periods = [one for one in table.columns if one.name in set(wide.names)]
        total = " + ".join(f"coalesce({one.value}::double, 0)" for one in periods)
        self.connection.execute(
            f"alter table {table.name} add column melted double;"
            f" update {table.name} set melted = {total}"
        )
        largest = max(periods, key=lambda one: one.filled)
        words = {word for one in periods for word in one.written.nulls}
        written = largest.written._replace(nulls=tuple(sorted(words)))
        return replace(
            table,
            columns=[one for one in table.columns if one not in periods],
            wide=wide,
            melted=replace(
                largest, name=wide.melt.names, value="melted", written=written
            ),
        )


def tables_of_database(database: str, schema: str, copies: Path) -> Iterator[Files]:
    """Yield the tables of a schema of a database."""
    for table in tables_of(schema, database=database):
        mapping = MappedTable(table=table)
        copy = fetch(mapping, database=database, folder=copies)
        format_ = format_of(copy) or "csv"
        yield Files(table, (str(copy),), format_, mapping, (table,))


def tables_of_folder(
    path: Path,
    contract: Collection[str],
    copies: Path,
    connection: duckdb.DuckDBPyConnection,
) -> Iterator[Files]:
    """Yield the tables of a folder, each with its files as a mapping has them.

    Parameters
    ----------
    path : Path
        The folder.
    contract : collection of str
        Names of the raw tables: a file of such a name is a table by itself.
    copies : Path
        Where copies of workbooks go.
    connection : duckdb.DuckDBPyConnection
        Anything that can read the files.
    """
    together: dict[tuple, list[str]] = defaultdict(list)
    for place in find_all(path):
        if place.format == "xlsx":
            yield from _sheets(place, path, copies)
            continue
        if place.format in lakes.KINDS:
            mapping = MappedTable(files=_relative(place.where, path))
            yield here(
                Files(str(mapping.files), place.paths, place.format, mapping), copies
            )
            continue
        is_alone = Path(place.where).name.lower().split(".")[0] in contract
        for file in place.paths:
            encoding = encoding_of(Path(file)) if place.format == "csv" else "utf-8"
            mapping = MappedTable(files=_relative(file, path), encoding=encoding)
            files = readable(Files(file, (file,), place.format, mapping), copies)
            columns = _columns(files, connection)
            of = place.where if is_alone or Path(place.where).is_dir() else ""
            together[of, place.format, encoding, columns].append(file)
    folders = [of for of, *_ in together]
    for (of, format_, encoding, _), paths in together.items():
        is_whole = of and folders.count(of) == 1
        names = [_relative(of, path)] if is_whole else _patterns(paths, path)
        mapping = MappedTable(
            files=names if len(names) > 1 else names[0], encoding=encoding
        )
        title = ", ".join(names)
        yield readable(Files(title, tuple(paths), format_, mapping), copies)


def _sheets(place: Files, path: Path, copies: Path) -> Iterator[Files]:
    for file in place.paths:
        name = _relative(file, path)
        for sheet in sheets_of(Path(file)):
            mapping = MappedTable(files=name, sheet=sheet)
            title = f"{name}, sheet {sheet}"
            yield readable(Files(title, (file,), "xlsx", mapping), copies)


def _columns(
    files: Files, connection: duckdb.DuckDBPyConnection
) -> tuple[str, ...] | None:
    """Return the names of a file's columns; None where it cannot be read."""
    assert files.mapping
    try:
        reader = plain_reader(files.mapping, files)
        rows = connection.execute(f"describe from {reader}").fetchall()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return None
    return tuple(sorted(name for name, *_ in rows))


def encoding_of(file: Path) -> str:
    """Return the encoding of a csv: UTF-8, UTF-16 or what Windows writes."""
    with file.open("rb") as content:
        begin = content.read(1 << 24)
    if file.suffix.lower() in (".gz", ".zst"):
        return "utf-8"
    if begin.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        begin[: begin.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _patterns(paths: Sequence[str], folder: Path) -> list[str]:
    """Return one pattern that matches the files and no other, else their names."""
    names = [_relative(path, folder) for path in paths]
    if len(names) == 1:
        return names
    pattern = f"{_common_start(names)}*{_common_start(_turned(names))[::-1]}"
    matching = {str(file) for file in folder.glob(pattern)}
    return [pattern] if matching == set(paths) else names


def _common_start(texts: Sequence[str]) -> str:
    letters = zip(*texts, strict=False)
    return "".join(some[0] for some in takewhile(lambda x: len({*x}) == 1, letters))


def _turned(texts: Iterable[str]) -> list[str]:
    return [text[::-1] for text in texts]


def _relative(file: str, folder: Path) -> str:
    return str(Path(file).relative_to(folder))
