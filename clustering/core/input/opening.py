"""Locate, validate and open the raw tables, each as a view over its files."""

from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import duckdb

from clustering.core import sql
from clustering.core.contract import Column, Files, Table, key_columns, read_contract
from clustering.core.errors import InputError
from clustering.core.input.checks import (
    check_columns,
    check_headers,
    check_values,
    row_numbers,
)
from clustering.core.input.copies import readable
from clustering.core.input.database import SECONDS_KEPT
from clustering.core.input.diagnosis import find_defect, reason_of
from clustering.core.input.features import FeatureRules, find_unused
from clustering.core.input.files import find_files, in_sql
from clustering.core.input.keys import check_together, clean_keys, cleaned
from clustering.core.input.mapped import check_mapping, reader_of_mapped
from clustering.core.input.report import (
    Coverage,
    Note,
    TableReport,
    say_missing,
    say_sampled,
)
from clustering.core.input.sampling import sample_of
from clustering.core.input.sentinels import find_sentinels
from clustering.core.mapping import Mapping


def reader_of(table: Table, files: Files, connection: duckdb.DuckDBPyConnection) -> str:
    """Return the table function that reads a table in place.

    A csv says nothing about types. Columns of the contract are read as text, so that
    '0042' stays '0042', and are typed in staging; other columns matter only as external
    features, and there the whole file is looked at to type them.
    """
    if files.mapping:
        return reader_of_mapped(table, files.mapping, files, connection)
    paths = in_sql(files.paths)
    # what folders are called, as in STORE_NBR=0042/, stays text
    options = "union_by_name = true, hive_types_autocast = false"
    if files.format == "parquet":
        return f"read_parquet({paths}, {options})"
    reader = f"read_csv({paths}, header = true, {options}, quote = '\"', escape = '\"'"
    as_text = f"{reader}, all_varchar = true)"
    if not table.has_attributes:
        return as_text
    present = types_of(as_text, connection)
    types = ", ".join(
        f"{sql.text(name)}: 'VARCHAR'" for name in table.columns if name in present
    )
    if not types:
        return as_text
    return f"{reader}, sample_size = -1, types = {{{types}}})"


def types_of(reader: str, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the type of every column by its name in capitals: any case will do.

    DuckDB takes capitals of ASCII letters alone for the same name.
    """
    rows = connection.execute(f"describe select * from {reader}").fetchall()
    return {sql.upper(name): type_ for name, type_, *_ in rows}


def view_of(
    table: Table,
    reader: str,
    types: dict[str, str],
    *,
    left_out: Collection[str] = (),
    dirty: Collection[str] = (),
) -> str:
    """Return the query that shows a table.

    Parameters
    ----------
    table : Table
        Optional columns that its files lack are null.
    reader : str
        The table function that reads them.
    types : dict
        Type of every column there, by its name in capitals.
    left_out, dirty : collection of str
        Columns that are not shown, and those whose texts are cleaned.
    """
    absent = [one for one in table.columns.values() if one.name not in types]
    more = f", {_nulls(absent)}" if absent else ""
    less = f" exclude ({', '.join(map(sql.name, left_out))})" if left_out else ""
    clean = ", ".join(f"{cleaned(name, name)} as {name}" for name in dirty)
    other = f" replace ({clean})" if clean else ""
    return f"select *{less}{other}{more} from {reader}"


def empty_view_of(table: Table) -> str:
    """Return the query that shows a table that is absent: its columns, no rows."""
    return f"select {_nulls(table.columns.values())} where false"


def _nulls(columns: Iterable[Column]) -> str:
    """Return ``null::date as PERIOD_START, ..``."""
    return ", ".join(f"null::{column.data_type} as {column.name}" for column in columns)


class RawInput(NamedTuple):
    """What the raw tables are, and what the check of them saw.

    Parameters
    ----------
    views : dict
        The query of each table's view, by name.
    notes : list of Note
        What is odd, and does not stop a run.
    tables : list of TableReport
        Those that are there.
    coverages : list of Coverage
        How far the tables have their keys in common.
    """

    views: dict[str, str]
    notes: list[Note]
    tables: list[TableReport]
    coverages: list[Coverage]


def open_input(
    project: Path,
    *,
    mapping: Mapping | None = None,
    excluded_categories: Collection[str] = (),
    excluded_columns: Collection[str] = (),
    rules: FeatureRules | None = None,
    config: dict[str, str | float | list[str]] | None = None,
    sample_above: int | None = None,
    max_age: float = SECONDS_KEPT,
) -> RawInput:
    """Validate the raw tables, and return the query of each table's view.

    Parameters
    ----------
    project : Path
        The dbt project, whose sources are the contract.
    mapping : Mapping or None
        Which files and columns the tables are read from, where they have other names.
    excluded_categories, excluded_columns : collection of str
        The settings excluded_categories and excluded_external_columns.
    rules : FeatureRules or None
        To report which external columns are no features; None: that is not asked.
    config : dict or None
        Settings of DuckDB, such as memory_limit.
    sample_above : int or None
        Bytes of sales from which on only some of their lines are read: the report is
        about these then, and the views are none to build from. None: all are read.
    max_age : float
        Seconds for which a copy of what is in PostgreSQL serves.

    Raises
    ------
    InputError
        For the first violation.
    """
    contract, mapping = read_contract(project), mapping or Mapping()
    check_mapping(mapping.tables, contract)
    keys = key_columns(contract)
    found: dict[Table, Files | None] = {}
    opened = RawInput({}, [], [], [])
    with duckdb.connect(config=config or {}) as connection:
        connection.execute("create schema raw; create schema seen")
        for table in contract:
            files = found[table] = find_files(table, mapping, max_age=max_age)
            if files is None:
                opened.views[table.name] = empty_view_of(table)
                _make_view(table, opened.views[table.name], connection)
                continue
            open_table = partial(
                _open_table,
                table,
                connection=connection,
                keys=keys[table.name],
                excluded_columns=excluded_columns,
                rules=rules,
                opened=opened,
            )
            files = readable(files)
            sampled = None
            if sample_above is not None and not table.key:
                sampled = sample_of(files, large=sample_above)
            found[table] = _open(files, sampled, open_table)
        with _readable(*(files for files in found.values() if files)):
            opened.coverages.extend(
                check_together(
                    found, connection, excluded_categories=excluded_categories
                )
            )
    opened.notes.extend(_notes_of(opened.coverages, found))
    return opened


def _open(
    files: Files, sampled: tuple[Files, float] | None, open_table: Callable[..., None]
) -> Files:
    """Open a sample of a table, or all of it: where something is wrong in a sample."""
    if sampled:
        some, times = sampled
        try:
            with _readable(some):
                open_table(some, times=times)
        except InputError:
            pass
        else:
            return some
    with _readable(files):
        open_table(files)
    return files


def _open_table(
    table: Table,
    files: Files,
    *,
    connection: duckdb.DuckDBPyConnection,
    keys: Collection[str],
    excluded_columns: Collection[str],
    rules: FeatureRules | None,
    opened: RawInput,
    times: float = 1.0,
) -> None:
    """Validate one table, and add what it is to ``opened``."""
    check_headers(table, files, connection)
    reader = reader_of(table, files, connection)
    types = types_of(reader, connection)
    check_columns(table, files, types)
    left_out = row_numbers(table, files, types)
    shown = {name: type_ for name, type_ in types.items() if name not in left_out}
    view = view_of(table, reader, types, left_out=left_out)
    _make_view(table, view, connection)
    check_values(
        table, files, shown, connection, keys=keys, excluded_columns=excluded_columns
    )
    if table.has_attributes:
        excluded = {sql.upper(name) for name in excluded_columns}
        said = find_sentinels(table, shown, connection, excluded=excluded)
        opened.notes.extend(Note(table.name, text) for text in said)
    if left_out:
        opened.notes.append(Note(table.name, "a column without a name, not used"))
    found = clean_keys(table, keys, connection)
    if found.columns:
        view = view_of(table, reader, types, left_out=left_out, dirty=found.columns)
        _make_view(table, view, connection)
        opened.notes.extend(Note(table.name, text) for text in found.notes())
    opened.views[table.name] = view
    report = _report(
        table, files, connection, types=shown, left_out=left_out, rules=rules
    )
    opened.tables.append(replace(report, row_count=round(report.row_count * times)))
    if times > 1:
        opened.notes.append(Note(table.name, say_sampled(report.row_count, times)))


def _report(
    table: Table,
    files: Files,
    connection: duckdb.DuckDBPyConnection,
    *,
    types: dict[str, str],
    left_out: Collection[str],
    rules: FeatureRules | None,
) -> TableReport:
    """Return what the table is like, from what the check has seen of it."""
    has_periods = "PERIOD_START" in table.columns
    days = "first_day, last_day" if has_periods else "null, null"
    [(row_count, first_day, last_day)] = connection.execute(
        f"select row_count, {days} from seen.{table.name}"
    ).fetchall()
    unused = dict.fromkeys(left_out, "unnamed")
    if not table.has_attributes:
        unused |= {name: "unknown" for name in types if name not in table.columns}
    elif rules:
        unused |= find_unused(table, types, rules, connection)
    return TableReport(
        table.name,
        file_count=len(files.paths),
        row_count=row_count,
        used=tuple(name for name in types if name not in unused),
        unused=unused,
        first_day=first_day,
        last_day=last_day,
    )


def _notes_of(
    coverages: Iterable[Coverage], found: dict[Table, Files | None]
) -> Generator[Note]:
    """Yield the keys that a table lacks, where rows are used without it."""
    lenient = {table.name for table in found if table.has_attributes}
    for coverage in coverages:
        if coverage.missing_count and coverage.other_table in lenient:
            yield Note(coverage.table, say_missing(coverage))


def find_paths(
    project: Path, mapping: Mapping | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the files of each raw table that exists."""
    mapping = mapping or Mapping()
    found = {table.name: find_files(table, mapping) for table in read_contract(project)}
    return {name: files.paths for name, files in found.items() if files}


def _make_view(table: Table, query: str, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"create or replace view raw.{table.name} as {query}")


@contextmanager
def _readable(*tables: Files) -> Generator[None]:
    """Turn an error of DuckDB about a file into a one-line InputError.

    Raises
    ------
    InputError
        If a file cannot be read: what is wrong with it, and where.
    """
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        defects = (find_defect(files) for files in tables)
        if defect := next(filter(None, defects), None):
            raise defect from None
        where = ", ".join(files.where for files in tables)
        raise InputError(
            f"{where}: it cannot be read: {reason_of(error)}; write it again, csv in"
            " UTF-8"
        ) from None
