"""Published runs, read once per run and query: the folder of a run never changes.

The key of the cache is the run's own folder, so a new publication shows at the next
rerun of a page, and nothing keeps a file open in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
import streamlit as st

from clustering.store.runs import PublishedRun, current_run, kept_runs

# Answers that are kept, over all users; the largest is that of a map.
KEPT_ANSWERS = 500


class RunGoneError(LookupError):
    """The run was removed since the page was opened."""


@dataclass(frozen=True)
class Run:
    """A published run, whose answers are kept.

    Parameters
    ----------
    folder : Path
        Its own folder; never the link ``current``.
    """

    folder: Path

    @property
    def published(self) -> PublishedRun:
        """The run without a cache."""
        return PublishedRun(self.folder)

    @property
    def name(self) -> str:
        """When it was built, and the beginning of its run id."""
        return self.published.name

    @property
    def built_at(self) -> datetime:
        """When its build ended, in UTC."""
        return self.published.built_at

    @property
    def tables(self) -> frozenset[str]:
        """Names of the tables that it has."""
        names = self.read("select table_name from duckdb_tables()")["table_name"]
        return frozenset(names)

    def read(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """Return what ``sql`` selects; the frame is the caller's own."""
        return _read(str(self.folder), sql, tuple(parameters))


def current(published: Path) -> Run | None:
    """Return the run that was published last; None where there is none."""
    run = current_run(published)
    return Run(run.folder) if run else None


def kept(published: Path) -> list[Run]:
    """Return all runs that are kept, the newest first."""
    return [Run(run.folder.resolve()) for run in kept_runs(published)]


@st.cache_data(max_entries=KEPT_ANSWERS, show_spinner=False)
def _read(folder: str, sql: str, parameters: tuple[object, ...]) -> pd.DataFrame:
    run = PublishedRun(Path(folder))
    try:
        return run.read(sql, parameters)
    except duckdb.IOException:
        if run.database.exists():
            raise
        raise RunGoneError(run.name) from None
