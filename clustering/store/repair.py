"""Repair a data folder: restore what can be, and set aside what cannot.

Nothing is deleted. The registry's decisions come back from the marts that say what was
decided; a published file from the other format of the same tables; a warehouse is built
anew by the next run.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from clustering.core import sql
from clustering.core.clock import now
from clustering.core.errors import InUseError
from clustering.core.paths import Paths
from clustering.store.integrity import find_damaged, restore
from clustering.store.publish import only_publisher
from clustering.store.registry import Registry
from clustering.store.runs import DAMAGED, LIVE, RUNS
from clustering.store.versions import (
    APPROVED,
    CREATED,
    POLICY,
    REJECTED,
    Decision,
    add_decisions,
)
from clustering.store.warehouse import BusyError, DamagedWarehouseError, open_warehouse

# Beside a warehouse: what DuckDB has not yet written into it.
JOURNAL = ".wal"

TABLES = """
    select schema_name, table_name
    from duckdb_tables()
    where database_name = 'build'
"""


def repair(paths: Paths) -> list[str]:
    """Repair the registry, the warehouses and the published runs of a data folder.

    Returns
    -------
    list of str
        What was done, and what is left to do, a line each; empty where all is whole.

    Raises
    ------
    PipelineError
        If a build has a warehouse open.
    """
    with only_publisher(paths.published):
        return [
            *_repair_registry(paths),
            *_repair_warehouses(paths),
            *_repair_runs(paths.published),
        ]


def _repair_registry(paths: Paths) -> Iterator[str]:
    file = paths.registry
    if not file.exists() or _is_whole(file):
        return
    aside = _set_aside(file, beside=("-wal", "-shm"))
    decisions = _decisions_of(paths.published)
    add_decisions(paths.published, decisions)
    versions = len({one.run for one in decisions})
    yield (
        f"{file} was damaged: set aside as {aside.name}; {versions} versions are"
        " restored from the marts, builds are recorded anew"
    )


def _is_whole(file: Path) -> bool:
    try:
        with closing(sqlite3.connect(file)) as connection:
            [(says,)] = connection.execute("pragma quick_check(1)").fetchall()
            connection.execute("select count(*) from decisions").fetchall()
    except sqlite3.DatabaseError:
        return False
    return says == "ok"


def _decisions_of(published: Path) -> list[Decision]:
    """Return the decisions that lead to the versions of the newest readable mart."""
    for file in sorted((published / LIVE).glob("*/cluster_versions.parquet"))[::-1]:
        try:
            with duckdb.connect() as connection:
                found = connection.read_parquet(str(file))
                versions = [
                    dict(zip(found.columns, row, strict=True))
                    for row in found.fetchall()
                ]
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error:
            continue
        decisions = (one for version in versions for one in _decisions(version))
        return sorted(decisions, key=lambda one: one.at)
    return []


def _decisions(version: Mapping[str, Any]) -> Iterator[Decision]:
    run, by, reason = version["run"], version["decided_by"], version["reason"]
    yield Decision(
        run, CREATED, _utc(version["created_at"]), POLICY, scenario=version["scenario"]
    )
    if version["effective_from"]:
        yield Decision(run, APPROVED, _utc(version["effective_from"]), by, reason)
    if version["state"] == REJECTED:
        yield Decision(run, REJECTED, _utc(version["decided_at"]), by, reason)


def _utc(moment: datetime) -> datetime:
    """Return a moment with its time zone, which marts leave out."""
    return moment.replace(tzinfo=UTC)


def _repair_warehouses(paths: Paths) -> Iterator[str]:
    registry = Registry(paths.registry)
    scenarios = paths.data.glob(f"scenarios/*/{paths.warehouse.name}")
    for file in (paths.warehouse, *sorted(scenarios)):
        problem = _read_all(file, registry) if file.exists() else None
        if problem:
            aside = _set_aside(file, beside=(JOURNAL,))
            yield (
                f"{file} was damaged ({problem}): set aside as {aside.name}; the next"
                " run builds it anew"
            )


def _read_all(file: Path, registry: Registry) -> str | None:
    """Return why a warehouse cannot be read to its end; None if it can."""
    try:
        with open_warehouse(file, registry) as opened:
            for names in opened.connection.execute(TABLES).fetchall():
                table = ".".join(map(sql.name, names))
                reading = f"select bit_xor(hash(one)) from build.{table} as one"
                opened.connection.execute(reading).fetchall()
    except BusyError:
        raise InUseError(
            f"another process has {file} open, most likely a build that is under way:"
            " wait for its end, then: clustering repair"
        ) from None
    except DamagedWarehouseError as damaged:
        return damaged.reason
    except DAMAGED as error:
        return " ".join(str(error).split())
    return None


def _repair_runs(published: Path) -> Iterator[str]:
    for place in (RUNS, LIVE):
        for folder in sorted((published / place).resolve().glob("[0-9]*Z-*")):
            if damaged := find_damaged(folder):
                yield _restore(folder, damaged)


def _restore(folder: Path, damaged: list[str]) -> str:
    """Restore the files of a run from its other files, and say what became of it."""
    what = f"{', '.join(damaged)} of {folder.parent.name}/{folder.name}"
    try:
        restore(folder, damaged)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return (
            f"{what} was damaged, and cannot be restored from the others; to publish"
            " the last build again: clustering publish; to restore an earlier version:"
            " clustering approve RUN"
        )
    return f"{what} was damaged: restored from the other files of the run"


def _set_aside(file: Path, *, beside: tuple[str, ...]) -> Path:
    """Rename a file, and what belongs to it, so that a new one takes its place."""
    mark = f".damaged-{now():%Y%m%dT%H%M%SZ}"
    for end in beside:
        companion = file.with_name(file.name + end)
        if companion.exists():
            companion.rename(companion.with_name(companion.name + mark))
    return file.rename(file.with_name(file.name + mark))
