"""Published runs and their versions, as pages read and name them.

Answers are cached per run and query: the folder of a run never changes. The key is that
folder, so a new version shows at the next rerun of a page, and no file stays open in
between. Decisions about versions are read anew each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
import streamlit as st

from clustering.presentation import words
from clustering.store.runs import PublishedRun, current_run, kept_runs
from clustering.store.versions import WAITING, Version, read_versions

# Answers in the cache, over all users; the largest is that of a map.
KEPT_ANSWERS = 500
# What follows "Version 3" in a sentence.
SAID = {
    "created": "awaits a decision",
    "ready": "awaits a decision",
    "approved": "is live",
    "rejected": "was rejected",
    "superseded": "was live before",
}


class RunGoneError(LookupError):
    """The run was removed since the page was opened."""


@dataclass(frozen=True)
class Run:
    """A published run, whose answers are cached.

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


def versions_by_run(published: Path) -> dict[str, Version]:
    """Return all versions by the name of their run, the newest first.

    They are not cached: a decision shows at once.
    """
    return {version.run: version for version in read_versions(published)}


def ever_live(published: Path) -> list[Run]:
    """Return the kept runs that are or were live, the newest first.

    Runs that were published before there were versions have all been live.
    """
    known = versions_by_run(published)
    return [
        run
        for run in kept(published)
        if run.name not in known or known[run.name].effective_from
    ]


def short_name(run: Run, versions: dict[str, Version]) -> str:
    """Return what to call a run in a list, which has little room.

    A run that was published before there were versions has only the time of its build.
    """
    version = versions.get(run.name)
    if version is None:
        return words.moment(run.built_at)
    return f"{version_title(version)} · {run.built_at:%d %b}"


def long_name(run: Run, versions: dict[str, Version]) -> str:
    """Return what to call a run in a text."""
    built = words.moment(run.built_at)
    version = versions.get(run.name)
    return f"{version_title(version)}, of {built}" if version else f"the run of {built}"


def version_title(version: Version) -> str:
    """Return the number of a version, and its scenario or its state."""
    is_scenario = version.scenario and version.state in WAITING
    what = f"scenario {version.scenario}" if is_scenario else version.state
    return f"Version {version.number}, {what}"


def describe_state(version: Version) -> str:
    """Return the state of a version as a sentence, without its full stop."""
    name = f"Version {version.number}"
    if version.scenario:
        name += f", the scenario {version.scenario},"
    return f"{name} {SAID[version.state]}"


@st.cache_data(max_entries=KEPT_ANSWERS, show_spinner=False)
def _read(folder: str, sql: str, parameters: tuple[object, ...]) -> pd.DataFrame:
    run = PublishedRun(Path(folder))
    try:
        return run.read(sql, parameters)
    except duckdb.IOException:
        if run.database.exists():
            raise
        raise RunGoneError(run.name) from None
