"""Which files a raw table is read from, and whether they are of one kind."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path, PurePath

from clustering.core import sql
from clustering.core.contract import Files, Table
from clustering.core.errors import InputError
from clustering.core.input import lakes, remote
from clustering.core.input.copies import copies_folder
from clustering.core.input.database import SECONDS_KEPT, fetch, title_of
from clustering.core.mapping import MappedTable, Mapping, matching

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


def entries_of(table: str, folder: Path, mapping: Mapping) -> list[Path]:
    """Return the files and folders that may be of a table, whether it is read or not.

    Those whose names begin with the table's, in capitals or not; where a mapping names
    its files, these.
    """
    if mapped := mapping.tables.get(table):
        here = (name for name in mapped.patterns if not remote.is_remote(name))
        return [one for name in here for one in matching(folder, name)]
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    return [one for one in entries if one.name.lower().split(".")[0] == table]


def find_files(
    table: Table, mapping: Mapping, *, max_age: float = SECONDS_KEPT
) -> Files | None:
    """Return where a table lies; None where an optional one is absent.

    Where a mapping names its files, it is these.

    A file, or a folder of files, whose names may be in capitals. What begins with a
    dot or an underscore is no data: checkpoints, and what Spark has not finished. A
    Delta or Iceberg table is copied.

    Parameters
    ----------
    table, mapping : Table and Mapping
        The table, and where it is if the mapping has it.
    max_age : float
        Seconds for which a copy of what is in PostgreSQL serves.

    Raises
    ------
    InputError
        If it is not there, there more than once, or a file of it is empty or there
        twice.
    """
    if table.name in mapping.tables:
        return find_mapped(table, mapping, max_age=max_age)
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
    return here(places[0]) if places else None


def find_mapped(table: Table, mapping: Mapping, *, max_age: float) -> Files:
    """Return where the files of a table lie that a mapping names, as `find_files`.

    What is not on this machine is copied.

    Raises
    ------
    InputError
        If there are none, or of two formats, or as in :func:`find_files`.
    """
    mapped = mapping.tables[table.name]
    if mapped.is_in_database:
        return _fetched(mapped, mapping, max_age)
    folder = mapping.folder_of(table.variable) or Path(table.folder)
    key = f"input.tables.{table.name}.files"
    found: list[Files] = []
    for pattern in mapped.patterns:
        places = _places_of(pattern, folder)
        if not places:
            name = remote.shown(pattern)
            where = "" if remote.is_remote(pattern) else f"{folder}: "
            raise InputError(
                f"{where}no file {name}, which {key} names; put it there, or"
                f" correct {key}"
            )
        found += places
    formats = {place.format for place in found}
    if len(formats) > 1:
        raise InputError(
            f"{folder}: {key} names files of {' and '.join(sorted(formats))}; keep one"
            " of them"
        )
    where = found[0].where if len(found) == 1 else _said(mapped.patterns[0], folder)
    where += f", sheet {mapped.sheet}" if mapped.sheet else ""
    paths = tuple(path for place in found for path in place.paths)
    files = here(Files(where, paths, found[0].format, mapped))
    _check_whole(files)
    return files


def here(files: Files, folder: Path | None = None) -> Files:
    """Return plain files on this machine: these, or copies of them.

    Parameters
    ----------
    files : Files
        Files at an address, or folders of Delta or Iceberg tables.
    folder : Path or None
        Where copies go; None: into the data folder.
    """
    is_lake = files.format in lakes.KINDS
    if not (is_lake or any(map(remote.is_remote, files.paths))):
        return files
    folder = folder or copies_folder()
    copies = tuple(str(_copied(path, files.format, folder)) for path in files.paths)
    return replace(
        files,
        paths=copies,
        format="parquet" if is_lake else files.format,
        originals=tuple(map(remote.shown, files.paths)),
    )


def _copied(path: str, format_: str, folder: Path) -> Path | str:
    if format_ in lakes.KINDS:
        return lakes.copy_table(path, format_, folder)
    return remote.download(path, folder) if remote.is_remote(path) else path


def _fetched(mapped: MappedTable, mapping: Mapping, max_age: float) -> Files:
    """Return a copy of a table or query of the database."""
    assert mapping.database
    copy = fetch(
        mapped, database=mapping.database, folder=copies_folder(), max_age=max_age
    )
    title = title_of(mapped)
    return Files(title, (str(copy),), format_of(copy) or "csv", mapped, (title,))


def _places_of(pattern: str, folder: Path) -> list[Files]:
    """Return the files that one pattern of a mapping matches."""
    if not remote.is_remote(pattern):
        return [
            place for entry in matching(folder, pattern) for place in _places(entry)
        ]
    where = remote.shown(pattern)
    files = remote.list_files(pattern)
    if table := lakes.table_among(files):
        kind, place = table
        return [Files(remote.shown(place), (place,), kind)]
    found = _by_format(where, files, remote.shown)
    if files and not found:
        raise InputError(
            f"{where}: its name does not say what it is, expected one that ends in"
            f" {', '.join(FORMATS)}"
        )
    return found


def _said(pattern: str, folder: Path) -> str:
    """Return how messages call what a pattern matches."""
    if remote.is_remote(pattern):
        return remote.shown(pattern)
    return str(folder / pattern)


def copies_of(table: str, mapping: Mapping) -> list[Path]:
    """Return copies of a table that is not on this machine, as it is now.

    A build that begins next reads these.
    """
    mapped = mapping.tables.get(table)
    if mapped is None:
        return []
    if mapped.is_in_database:
        files = [_fetched(mapped, mapping, max_age=0)]
    else:
        far = (pattern for pattern in mapped.patterns if remote.is_remote(pattern))
        files = [here(one) for url in far for one in _places_of(url, Path())]
    return [Path(path) for one in files for path in one.paths]


def find_all(folder: Path) -> list[Files]:
    """Return every file and folder of files below a folder, whatever it is called.

    Raises
    ------
    InputError
        If there is no such folder.
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
    return f"[{', '.join(map(sql.path, paths))}]"


def _places(entry: Path) -> list[Files]:
    if entry.is_file():
        format_ = format_of(entry)
        return [Files(str(entry), (str(entry),), format_)] if format_ else []
    if kind := lakes.kind_of(entry):
        return [Files(str(entry), (str(entry),), kind)]
    inside = [
        str(file)
        for file in sorted(entry.rglob("*"))
        if file.is_file() and not _is_hidden(file.relative_to(entry))
    ]
    return _by_format(str(entry), inside)


def _is_hidden(path: PurePath) -> bool:
    return any(part[0] in "._" for part in path.parts)


def _by_format(
    where: str, paths: Iterable[str], named: Callable[[str], str] = str
) -> list[Files]:
    """Return paths by the formats that their names say; others are left out."""
    of_format: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        if format_ := format_of(Path(named(path))):
            of_format[format_].append(path)
    return [Files(where, tuple(some), format_) for format_, some in of_format.items()]


def format_of(file: Path) -> str | None:
    """Return the format that the name of a file says; None: it is no data."""
    name = file.name.lower()
    return next((FORMATS[end] for end in FORMATS if name.endswith(end)), None)


def _check_whole(files: Files) -> None:
    """Reject an empty file, and two of the same bytes."""
    if files.format in lakes.KINDS:
        return
    same_size: dict[int, list[str]] = defaultdict(list)
    for path in files.paths:
        same_size[Path(path).stat().st_size].append(path)
    if empty := same_size.get(0):
        raise InputError(
            f"{files.original(empty[0])}: the file is empty (0 bytes); write it again,"
            " with rows"
        )
    for paths in same_size.values():
        if len(paths) > 1:
            _check_different(paths, files)


def _check_different(paths: Iterable[str], files: Files) -> None:
    seen: dict[bytes, str] = {}
    for path in paths:
        with Path(path).open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").digest()
        if digest in seen:
            raise InputError(
                f"{files.original(path)}: it is {seen[digest]} once more, byte for"
                " byte, and its rows would count twice; remove one of them"
            )
        seen[digest] = files.original(path)
