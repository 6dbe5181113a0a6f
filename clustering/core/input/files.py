"""Which files a raw table is read from, and whether they are of one kind."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from clustering.core import sql
from clustering.core.contract import Files, Table
from clustering.core.errors import InputError
from clustering.core.input.copies import copies_folder
from clustering.core.input.database import fetch
from clustering.core.mapping import Mapping, matching

# What is read, by how the name ends, in capitals or not.
FORMATS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".csv.gz": "csv",
    ".csv.zst": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
}
# Folders of these write a log beside their files, which says which files still count.
LOGS = {"_delta_log": "a Delta table", "metadata": "an Iceberg table"}


def entries_of(table: str, folder: Path, mapping: Mapping) -> list[Path]:
    """Return the files and folders that may be of a table, whether it is read or not.

    Those whose names begin with the table's, in capitals or not; where a mapping names
    its files, these.
    """
    if mapped := mapping.tables.get(table):
        return [one for name in mapped.patterns for one in matching(folder, name)]
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    return [one for one in entries if one.name.lower().split(".")[0] == table]


def find_files(table: Table, mapping: Mapping) -> Files | None:
    """Return where a table lies; None where an optional one is absent.

    Where a mapping names its files, it is these.

    A file, or a folder of files, whose names may be in capitals. What begins with a
    dot or an underscore is no data: checkpoints, and what Spark has not finished.

    Raises
    ------
    InputError
        If it is not there, there more than once, or a file of it is empty, there
        twice, or part of a table that only its log can tell.
    """
    if table.name in mapping.tables:
        return find_mapped(table, mapping)
    folder = mapping.folder_of(table.variable) or Path(table.folder)
    named = entries_of(table.name, folder, mapping)
    places = [place for entry in named for place in _places(entry)]
    for place in places:
        _check_whole(place)
    if len(places) > 1:
        found = ", ".join(f"{place.where} ({place.format})" for place in places)
        raise InputError(
            f"{folder}: table {table.name} is there {len(places)} times: {found}; keep"
            " one of them"
        )
    if not places and not table.is_optional:
        others = [one.name for one in named]
        raise InputError(
            f"{folder}: no file {table.name}.parquet or .csv, and no folder"
            f" {table.name}/ of either"
            + (f", found {', '.join(others)}" if others else "")
            + f"; put it there, or set {table.variable} to the folder that has it"
        )
    return places[0] if places else None


def find_mapped(table: Table, mapping: Mapping) -> Files:
    """Return where the files of a table lie that a mapping names.

    Raises
    ------
    InputError
        If there are none, or of two formats, or as in :func:`find_files`.
    """
    mapped = mapping.tables[table.name]
    if mapped.table and mapping.database:
        copy = fetch(mapped.table, database=mapping.database, folder=copies_folder())
        return Files(mapped.table, (str(copy),), "csv", mapped, (mapped.table,))
    folder = mapping.folder_of(table.variable) or Path(table.folder)
    key = f"input.tables.{table.name}.files"
    found: list[Files] = []
    for pattern in mapped.patterns:
        places = [
            place for entry in matching(folder, pattern) for place in _places(entry)
        ]
        if not places:
            raise InputError(
                f"{folder}: no file {pattern}, which {key} names; put it there, or"
                f" correct {key}"
            )
        found += places
    formats = {place.format for place in found}
    if len(formats) > 1:
        raise InputError(
            f"{folder}: {key} names files of {' and '.join(sorted(formats))}; keep one"
            " of them"
        )
    where = found[0].where if len(found) == 1 else str(folder / mapped.patterns[0])
    where += f", sheet {mapped.sheet}" if mapped.sheet else ""
    paths = tuple(path for place in found for path in place.paths)
    files = Files(where, paths, found[0].format, mapped)
    _check_whole(files)
    return files


def find_all(folder: Path) -> list[Files]:
    """Return every file and folder of files below a folder, whatever it is called.

    Raises
    ------
    InputError
        If there is no such folder, or a table in it that only its log can tell.
    """
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder; give one with files of your tables"
        )
    entries = [entry for entry in sorted(folder.iterdir()) if entry.name[0] not in "._"]
    return [place for entry in entries for place in _places(entry)]


def in_sql(paths: Iterable[str]) -> str:
    """Return paths as a list of SQL, read as they are and not as patterns.

    >>> in_sql(["a*.csv", "b[1].csv"])
    "['a[*].csv', 'b[[]1].csv']"
    """
    plain = (
        "".join(f"[{one}]" if one in "*?[" else one for one in path) for path in paths
    )
    return f"[{', '.join(map(sql.text, plain))}]"


def _places(entry: Path) -> list[Files]:
    if entry.is_file():
        format_ = format_of(entry)
        return [Files(str(entry), (str(entry),), format_)] if format_ else []
    for log, kind in LOGS.items():
        if (entry / log).is_dir():
            raise InputError(
                f"{entry}: it is {kind}, whose folder also has files that no longer"
                " count; export the table as plain parquet"
            )
    of_format: dict[str, list[str]] = defaultdict(list)
    for file in sorted(entry.rglob("*")):
        format_ = format_of(file)
        hidden = any(part[0] in "._" for part in file.relative_to(entry).parts)
        if format_ and not hidden and file.is_file():
            of_format[format_].append(str(file))
    return [
        Files(str(entry), tuple(paths), format_) for format_, paths in of_format.items()
    ]


def format_of(file: Path) -> str | None:
    """Return the format that the name of a file says; None: it is no data."""
    name = file.name.lower()
    return next((FORMATS[end] for end in FORMATS if name.endswith(end)), None)


def _check_whole(files: Files) -> None:
    """Reject an empty file, and two of the same bytes."""
    same_size: dict[int, list[str]] = defaultdict(list)
    for path in files.paths:
        same_size[Path(path).stat().st_size].append(path)
    if empty := same_size.get(0):
        raise InputError(
            f"{empty[0]}: the file is empty (0 bytes); write it again, with rows"
        )
    for paths in same_size.values():
        if len(paths) > 1:
            _check_different(paths)


def _check_different(paths: Iterable[str]) -> None:
    seen: dict[bytes, str] = {}
    for path in paths:
        with Path(path).open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").digest()
        if digest in seen:
            raise InputError(
                f"{path}: it is {seen[digest]} once more, byte for byte, and its rows"
                " would count twice; remove one of them"
            )
        seen[digest] = path
