"""Publish: hand the marts of a good build to readers, whole or not at all."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from cli.errors import PipelineError
from serving.build_state import REMEDY, check_build
from serving.facts import read_run, write_run_tables
from serving.postgres import load
from serving.runs import (
    CURRENT,
    DATABASE,
    RUNS,
    PublishedRun,
    current_run,
    find_run,
    kept_runs,
    run_name,
)

# Versions of DuckDB from this one on can open the published file.
STORAGE_VERSION = "v1.0.0"
KEPT_RUNS = 10

COMMENTS = """
    select 'table ' || table_name, comment
    from duckdb_tables()
    where database_name = 'build' and schema_name = 'marts' and comment is not null
    union all
    select 'column ' || table_name || '.' || column_name, comment
    from duckdb_columns()
    where database_name = 'build' and schema_name = 'marts' and comment is not null
"""


def publish(
    warehouse: Path,
    published: Path,
    *,
    keep: int = KEPT_RUNS,
    postgres: str | None = None,
    check: bool = True,
) -> PublishedRun:
    """Copy the marts of the last build to a folder of their own, and make it current.

    DuckDB lets nobody read a file while another process writes it, so readers get a
    copy. Killed at any moment, this leaves readers the run that they had.

    Parameters
    ----------
    warehouse : Path
        The DuckDB file that dbt builds in.
    published : Path
        The published folder; :mod:`serving.runs` says what is in it.
    keep : int
        How many runs to keep, the current one among them. The one before it is kept
        in any case: somebody may be reading it.
    postgres : str or None
        Connection string of the database that gets the tables too.
    check : bool
        Whether to look if all that was built is whole, tested and good; False where
        the caller knows.

    Raises
    ------
    PipelineError
        If there is no such build, or it is under way; if the folder cannot be written;
        or if the database refuses: the files are of the new run then, it is not.
    """
    with _only_publisher(published), duckdb.connect() as connection:
        _attach(connection, warehouse)
        if check:
            check_build(connection)
        run_id, built_at = read_run(connection)
        runs = (published / RUNS).resolve()
        folder = runs / run_name(run_id, built_at=built_at)
        if not folder.exists():
            _copy_run(connection, folder)
        run, before = PublishedRun(folder), current_run(published)
        _make_current(run, published, postgres=postgres)
        _forget_runs(published, but=[run, before or run], keep=keep)
    return run


def restore(run: str, published: Path, *, postgres: str | None = None) -> PublishedRun:
    """Make a run that is kept the current one; see :func:`publish`.

    Parameters
    ----------
    run : str
        The beginning of its id or name.

    Raises
    ------
    ArgumentError
        If no run that is kept is meant, or several are.
    """
    with _only_publisher(published):
        found = find_run(published, run)
        _make_current(found, published, postgres=postgres)
    return found


def _attach(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    if not warehouse.exists():
        raise PipelineError(f"there is no warehouse {warehouse}; {REMEDY}")
    try:
        connection.execute(f"attach {_quote(warehouse)} as build (read_only)")
    except duckdb.IOException:
        raise PipelineError(
            f"cannot read {warehouse}: another process has it open, most likely a build"
            " that is under way; wait for its end, then publish"
        ) from None


@contextmanager
def _only_publisher(published: Path) -> Iterator[None]:
    """Wait for other publishers, and clear away what a killed one left."""
    try:
        (published / RUNS).mkdir(parents=True, exist_ok=True)
        with (published / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # ends with the process
            _clear(published)
            yield
    except OSError as error:
        where = error.filename or published
        raise PipelineError(f"cannot publish to {where}: {error.strerror}") from None


def _clear(published: Path) -> None:
    for link in published.glob(".new.*"):
        link.unlink()
    for folder in (published / RUNS).glob(".[0-9]*Z-*"):
        shutil.rmtree(folder)


def _copy_run(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the run under a name that nobody reads, then give it its own."""
    temporary = folder.with_name(f".{folder.name}")
    temporary.mkdir()
    database = _quote(temporary / DATABASE)
    version = _quote(STORAGE_VERSION)
    connection.execute(f"attach {database} as target (storage_version {version})")
    connection.execute("use target")
    marts = _copy_marts(connection)
    for table in [*marts, *write_run_tables(connection, marts=marts)]:
        file = temporary / f"{table}.parquet"
        connection.execute(f"copy {table} to {_quote(file)} (format parquet)")
    connection.execute("use memory")
    connection.execute("detach target")
    for file in [*temporary.iterdir(), temporary]:
        _write_to_disk(file)
    temporary.rename(folder)
    _write_to_disk(folder.parent)


def _copy_marts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables()"
        " where database_name = 'build' and schema_name = 'marts' order by table_name"
    ).fetchall()
    marts = [name for (name,) in rows]
    for mart in marts:
        connection.execute(f"create table {mart} as from build.marts.{mart}")
    for described, comment in connection.execute(COMMENTS).fetchall():
        connection.execute(f"comment on {described} is {_quote(comment)}")
    return marts


def _make_current(run: PublishedRun, published: Path, *, postgres: str | None) -> None:
    _point_at(run, published)
    if postgres:
        load(run, postgres)


def _point_at(run: PublishedRun, published: Path) -> None:
    """Point `current` to the run, and a stable name in the folder to each file."""
    current = published / CURRENT
    if current.exists() and not current.is_symlink():
        raise PipelineError(
            f"{current} is a folder, expected a symbolic link to a run: the folder was"
            " copied without its links; remove it, and publish again"
        )
    names = {file.name for file in run.folder.iterdir()}
    _link(current, Path(RUNS) / run.name)
    for name in sorted(names):
        _link(published / name, Path(CURRENT) / name)
    for link in published.glob("*.parquet"):
        is_ours = link.is_symlink() and link.readlink().parent == Path(CURRENT)
        if is_ours and link.name not in names:
            link.unlink()
    _write_to_disk(published)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    temporary = link.with_name(f".new.{link.name}")
    temporary.symlink_to(target)
    temporary.replace(link)


def _forget_runs(published: Path, *, but: list[PublishedRun], keep: int) -> None:
    """Remove the oldest runs, and those that are a newer one once more."""
    runs = kept_runs(published)
    newest = {run.short_id: run for run in reversed(runs)}
    kept = [run for run in runs if run == newest[run.short_id]][:keep]
    for run in runs:
        if run not in [*but, *kept]:
            # a folder that is half removed is no run
            shutil.rmtree(run.folder.rename(run.folder.with_name(f".{run.name}")))


def _write_to_disk(path: Path) -> None:
    """Have the file or folder on disk before anything that relies on it."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _quote(text: str | Path) -> str:
    return "'" + str(text).replace("'", "''") + "'"
