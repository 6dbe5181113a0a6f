"""Published files stay as they were written: checksums, and restoring what is not.

The checksums stand in a file that `sha256sum --check` reads, beside the files of each
run. Each table is there twice, in the database and as Parquet; models are there once.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from clustering.core import sql
from clustering.core.files import hash_file, replacing, share_like
from clustering.store.runs import DATABASE, STORAGE_VERSION

FILE = "SHA256SUMS"


def write_checksums(folder: Path) -> None:
    """Write the checksums of all files of a folder that are there now."""
    lines = [f"{hash_file(folder / name)}  {name}\n" for name in _files_of(folder)]
    with replacing(folder / FILE) as temporary:
        temporary.write_text("".join(lines), encoding="utf-8")


def find_damaged(folder: Path) -> list[str]:
    """Return the names of files that are missing, or not as they were written.

    A run of an earlier version of this project has no checksums, and none that is
    known to be damaged.
    """
    file = folder / FILE
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    sums = {name: digest for digest, _, name in (one.partition("  ") for one in lines)}
    there = set(_files_of(folder))
    differ = {name for name in sums if not _is_whole(folder / name, sums[name])}
    return sorted(differ | ({FILE} if there - sums.keys() else set()))


def _files_of(folder: Path) -> list[str]:
    """Return the files of a folder and of those in it, but the checksums."""
    files = (one for one in folder.rglob("*") if one.is_file() and one.name != FILE)
    return sorted(file.relative_to(folder).as_posix() for file in files)


def _is_whole(file: Path, digest: str) -> bool:
    return file.is_file() and hash_file(file) == digest


def restore(folder: Path, damaged: Iterable[str]) -> None:
    """Write damaged Parquet files from the database of a run, or the other way round.

    Raises
    ------
    duckdb.Error
        If what they would be written from is damaged, too.
    """
    if DATABASE in damaged:
        _restore_database(folder)
    tables = [name for name in damaged if name.endswith(".parquet")]
    with duckdb.connect() as connection:
        connection.execute(f"attach {sql.text(folder / DATABASE)} as run (read_only)")
        for name in tables:
            with replacing(folder / name) as file:
                table = sql.name(Path(name).with_suffix("").as_posix())
                connection.execute(
                    f"copy run.{table} to {sql.text(file)} (format parquet)"
                )
    write_checksums(folder)
    share_like(folder)


def _restore_database(folder: Path) -> None:
    """Write the database of a run; what describes its columns is lost."""
    version = sql.text(STORAGE_VERSION)
    with replacing(folder / DATABASE) as file, duckdb.connect() as connection:
        file.unlink()
        connection.execute(
            f"attach {sql.text(file)} as run (storage_version {version})"
        )
        for table in sorted(folder.glob("*.parquet")):
            connection.execute(
                f"create table run.{sql.name(table.stem)} as from"
                f" read_parquet({sql.text(table)})"
            )
        connection.execute("detach run")
