"""The published folder: its runs, and which of them is live.

::

    runs/20261121T121500Z-3f9ac04b1e77/store_clustering.duckdb, store_clusters.parquet
    runs/20261121T121500Z-3f9ac04b1e77/models/manifest.json, centres.parquet
    runs/20261121T121500Z-3f9ac04b1e77/fit/ its fitted tables, as they were
    models/20261101T121500Z-77d1c04be3a9/models/ of a run that is no longer kept
    live/20261121T121500Z-3f9ac04b1e77/ the same, with cluster_history and _versions
    current -> live/20261121T121500Z-3f9ac04b1e77
    store_clustering.duckdb -> current/store_clustering.duckdb
    store_clusters.parquet -> current/store_clusters.parquet

A run never changes once it is there. What depends on decisions, the history, is written
into a copy below ``live`` when the run goes live; Parquet files there are hard links to
its own. Renaming one symbolic link over ``current`` changes all files at once. Whoever
reads several of them resolves ``current`` first, and stays with that version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import duckdb
import pandas as pd

from clustering.core.errors import ArgumentError, DamagedError

DATABASE = "store_clustering.duckdb"
CURRENT = "current"
RUNS = "runs"
LIVE = "live"
MODELS = "models"
BUILT_AT = "%Y%m%dT%H%M%SZ"
ID_LENGTH = 12
# Versions of DuckDB from this one on can open the published file.
STORAGE_VERSION = "v1.0.0"
# What DuckDB raises where it cannot read a file.
DAMAGED = (
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.InternalException,
    duckdb.FatalException,
)


class Reader(Protocol):
    """A run whose tables can be read."""

    @property
    def tables(self) -> frozenset[str]:
        """Names of the tables that it has; older runs lack some of them."""

    def read(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """Return what ``sql`` selects."""


class StoredRun(Reader, Protocol):
    """A run with a folder of its own."""

    @property
    def folder(self) -> Path:
        """The folder of its files."""

    @property
    def name(self) -> str:
        """When it was built, and the beginning of its run id."""

    @property
    def built_at(self) -> datetime:
        """When its build ended, in UTC."""


@dataclass(frozen=True)
class PublishedRun:
    """One published run.

    Parameters
    ----------
    folder : Path
        Its own folder, which no later run changes.
    """

    folder: Path

    @property
    def name(self) -> str:
        """When it was built, and the beginning of its run id."""
        return self.folder.name

    @property
    def short_id(self) -> str:
        """The beginning of its run id."""
        return self.name.split("-")[1]

    @property
    def built_at(self) -> datetime:
        """When its build ended, in UTC."""
        moment = self.name.split("-")[0]
        return datetime.strptime(moment, BUILT_AT).replace(tzinfo=UTC)

    @property
    def run_id(self) -> str:
        """Fingerprint of the features and settings that it was made from."""
        return str(self.read("select run_id from run")["run_id"].iloc[0])

    @property
    def database(self) -> Path:
        """All its tables, as one DuckDB file."""
        return self.folder / DATABASE

    @property
    def tables(self) -> frozenset[str]:
        """Names of the tables that it has."""
        names = self.read("select table_name from duckdb_tables()")["table_name"]
        return frozenset(names)

    def read(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """Return what ``sql`` selects; the file is open only while it is read.

        Raises
        ------
        DamagedError
            If the file is damaged.
        duckdb.IOException
            If the run is no longer kept.
        """
        try:
            with duckdb.connect(str(self.database), read_only=True) as connection:
                return connection.execute(sql, list(parameters)).df()
        except DAMAGED as error:
            if not self.folder.exists():  # it is no longer kept
                raise
            reason = " ".join(str(error).split())
            raise DamagedError(
                f"cannot read {self.database}: {reason}; to restore it: clustering"
                " repair"
            ) from None


def run_name(run_id: str, *, built_at: datetime) -> str:
    """Return the name of a run's folder; names sort by time.

    >>> from datetime import UTC, datetime
    >>> run_name("3f9ac04b1e77d1", built_at=datetime(2026, 11, 21, 12, 15, tzinfo=UTC))
    '20261121T121500Z-3f9ac04b1e77'
    """
    return f"{built_at.astimezone(UTC):{BUILT_AT}}-{run_id[:ID_LENGTH]}"


def live_version(published: Path) -> PublishedRun | None:
    """Return the live version, with its history; None where nothing is published."""
    folder = (published / CURRENT).resolve()
    is_there = (published / CURRENT).exists() and folder.is_dir()
    return PublishedRun(folder) if is_there else None


def current_run(published: Path) -> PublishedRun | None:
    """Return the run that the live version is of; None where nothing is published."""
    live = live_version(published)
    return live and PublishedRun((published / RUNS).resolve() / live.name)


def kept_runs(published: Path) -> list[PublishedRun]:
    """Return the runs that are kept, the newest first."""
    folders = sorted((published / RUNS).resolve().glob("[0-9]*Z-*"), reverse=True)
    return [PublishedRun(folder) for folder in folders]


def kept_models(published: Path) -> list[PublishedRun]:
    """Return the runs of which only the models are kept, the newest first."""
    folders = sorted((published / MODELS).resolve().glob("[0-9]*Z-*"), reverse=True)
    return [PublishedRun(folder) for folder in folders]


def find_run(published: Path, run: str) -> PublishedRun:
    """Return the kept run whose run id, or whose folder's name, begins with ``run``.

    Raises
    ------
    ArgumentError
        If none does, or several do; it names the runs that are kept.
    """
    return _find(run, kept_runs(published))


def find_models(published: Path, run: str) -> PublishedRun:
    """Return a run as `find_run` does, or one of which only the models are kept."""
    return _find(run, [*kept_runs(published), *kept_models(published)])


def _find(run: str, kept: Sequence[PublishedRun]) -> PublishedRun:
    if not run.strip():
        raise ArgumentError("got an empty RUN, expected the beginning of its name")
    found = [one for one in kept if _is_meant(one, run)]
    if len({one.short_id for one in found}) == 1:
        return found[0]  # the newest, where the same was built again
    there = ", ".join(one.name for one in kept) or "none"
    many = f"{len(found)} runs begin" if found else "no run that is kept begins"
    raise ArgumentError(f"{many} with {run!r}; there are: {there}")


def _is_meant(run: PublishedRun, beginning: str) -> bool:
    short = run.short_id
    if run.name.startswith(beginning):
        return True
    # a whole run id is longer than the part of it in the folder's name
    return short.startswith(beginning) or beginning.startswith(short)
