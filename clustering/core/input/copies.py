"""Copies as csv in UTF-8 of what DuckDB does not read in place."""

import csv
import datetime
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from clustering.core.contract import Files
from clustering.core.errors import InputError
from clustering.core.extras import not_installed
from clustering.core.files import replacing
from clustering.core.paths import data_folder

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

UTF_8 = ("utf-8", "ascii")


def copies_folder() -> Path:
    """Return where copies are kept: in the data folder."""
    return data_folder() / "copies"


def readable(files: Files, folder: Path | None = None) -> Files:
    """Return files that DuckDB reads: these, or copies of them.

    A copy is made once for each state of its file.

    Parameters
    ----------
    files : Files
        What is to be read.
    folder : Path or None
        Where copies go; None: into the data folder.

    Raises
    ------
    InputError
        If a file is not in its encoding, or a workbook cannot be read or has no such
        sheet.
    """
    encoding = files.mapping.encoding if files.mapping else "utf-8"
    if files.format == "parquet" or (files.format == "csv" and encoding in UTF_8):
        return files
    folder = folder or copies_folder()
    sheet = files.mapping.sheet if files.mapping else None
    paths = [_copy(Path(path), encoding, sheet, folder) for path in files.paths]
    originals = tuple(map(files.original, files.paths))
    return replace(
        files, paths=tuple(map(str, paths)), format="csv", originals=originals
    )


def sheets_of(file: Path) -> list[str]:
    """Return the names of a workbook's sheets.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    return list(_open(file).sheet_names)


def _copy(source: Path, encoding: str, sheet: str | None, folder: Path) -> Path:
    state = source.stat()
    place = hashlib.sha256(f"{source}\0{encoding}\0{sheet}".encode()).hexdigest()[:12]
    version = f"{state.st_size:x}-{state.st_mtime_ns:x}"
    target = folder / f"{place}-{version}.csv"
    if not target.exists():
        with replacing(target) as temporary:
            if source.suffix.lower() == ".xlsx":
                _write_sheet(source, sheet, temporary)
            else:
                _write_decoded(source, encoding, temporary)
        for old in folder.glob(f"{place}-*.csv"):
            if old != target:
                old.unlink(missing_ok=True)
    return target


def _write_decoded(source: Path, encoding: str, target: Path) -> None:
    try:
        with (
            source.open(encoding=encoding, newline="") as text,
            target.open("w", encoding="utf-8", newline="") as copy,
        ):
            for line in text:
                copy.write(line)
    except UnicodeError as error:
        raise InputError(
            f"{source}: it is not in {encoding} ({error}); correct its encoding in the"
            " environment's file"
        ) from None


def _write_sheet(source: Path, sheet: str | None, target: Path) -> None:
    workbook = _open(source)
    names = list(workbook.sheet_names)
    if (sheet or names[0]) not in names:
        raise InputError(
            f"{source}: no sheet {sheet!r}, found {', '.join(names)}; correct `sheet`"
            " in the environment's file"
        )
    rows = workbook.get_sheet_by_name(sheet or names[0]).iter_rows()
    with target.open("w", encoding="utf-8", newline="") as copy:
        csv.writer(copy, lineterminator="\n").writerows(_table_of(rows))


def _table_of(rows: Iterable[list]) -> Iterator[list[str]]:
    """Yield rows as texts from the header on, but those that are empty.

    What stands above the header, such as a title, fills one cell of its row.

    Examples
    --------
    >>> list(_table_of([["Sales 2025", ""], ["", ""], ["shop", "net"], ["1", ""]]))
    [['shop', 'net'], ['1', '']]
    """
    texts = ([_text(value) for value in row] for row in rows)
    filled = (row for row in texts if any(row))
    above = []
    for row in filled:
        if sum(map(bool, row)) > 1:
            yield row
            yield from filled
            return
        above.append(row)
    yield from above  # a table of one column


def _text(value: object) -> str:
    r"""Return a cell as text: numbers that are whole without decimals, days alone.

    Examples
    --------
    >>> _text(7.0), _text(7.25), _text(datetime.datetime(2025, 1, 31)), _text(None)
    ('7', '7.25', '2025-01-31', '')
    >>> _text("net\nsales")
    'net sales'
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return str(value.date())
    return " ".join(str(value).splitlines())


def _open(file: Path) -> "CalamineWorkbook":
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ModuleNotFoundError:
        raise not_installed(
            "a workbook",
            "python-calamine",
            extra="sources",
            in_checkout="pip install python-calamine",
        ) from None
    try:
        return CalamineWorkbook.from_path(file)
    except CalamineError as error:
        raise InputError(
            f"{file}: the workbook cannot be read ({error}); save it again, or its"
            " sheets as csv"
        ) from None
