"""A trigger that watches the raw folders: new input starts a run."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from itertools import chain
from pathlib import Path
from stat import S_ISREG
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from clustering.core.contract import read_contract
from clustering.core.input.files import entries_of, format_of
from clustering.core.mapping import Mapping, matching
from clustering.core.paths import DBT_PROJECT

SEEN = "seen"


class RawFilesTrigger(BaseEventTrigger):
    """Fires when the raw tables have changed, and then stayed as they are for a while.

    What it has fired for is kept with the asset, so that neither a restart nor a second
    triggerer fires for the same files again. Files are compared by path, size and time
    of change; files that are no table, such as one that is still called .part, do not
    count.

    Parameters
    ----------
    folders : sequence of str
        Where the tables lie.
    patterns : sequence of str
        Files and folders there that the environment maps to tables, whatever their
        names.
    seconds_between_looks : float
        Time between two looks at the folders.
    seconds_stable : float
        Time that nothing must have changed: a file that is being copied grows.
    """

    def __init__(
        self,
        *,
        folders: Sequence[str],
        seconds_between_looks: float,
        seconds_stable: float,
        patterns: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.folders = list(folders)
        self.patterns = list(patterns)
        self.seconds_between_looks = seconds_between_looks
        self.seconds_stable = seconds_stable

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what it takes to make this trigger again, in the triggerer."""
        return "clustering.airflow.arrivals.RawFilesTrigger", {
            "folders": self.folders,
            "patterns": self.patterns,
            "seconds_between_looks": self.seconds_between_looks,
            "seconds_stable": self.seconds_stable,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look for ever; an event for each new state of the files."""
        last, since = "", time.monotonic()
        while True:
            try:
                found = await asyncio.to_thread(
                    list_tables, self.folders, self.patterns
                )
            except OSError as error:  # a folder that is being replaced
                self.log.warning("cannot see the input: %s", error)
                found = ""
            now = time.monotonic()
            if found != last:
                last, since = found, now
            elif (
                found and now - since >= self.seconds_stable and await self._new(found)
            ):
                yield TriggerEvent({"files": found.splitlines()})
            await asyncio.sleep(self.seconds_between_looks)

    async def _new(self, found: str) -> bool:
        seen = self.asset_state_store
        if seen is None:  # Airflow gives one to every trigger of an asset
            raise RuntimeError("this trigger watches no asset")
        if await seen.aget(SEEN) == found:
            return False
        await seen.aset(SEEN, found)
        return True


def list_tables(folders: Sequence[str], patterns: Sequence[str] = ()) -> str:
    """Return a line per file of a raw table: its path, size and time of change."""
    names = [table.name for table in read_contract(DBT_PROJECT)]
    entries = (
        entry
        for folder in map(Path, folders)
        for entry in chain(
            *(entries_of(name, folder, Mapping()) for name in names),
            *(matching(folder, pattern) for pattern in patterns),
        )
    )
    files = {
        file
        for entry in entries
        for file in (entry, *entry.rglob("*"))
        if format_of(file)
    }
    return "\n".join(filter(None, map(_line, sorted(files))))


def _line(file: Path) -> str | None:
    try:
        stat = file.stat()
    except FileNotFoundError:  # never there, or gone since it was listed
        return None
    return (
        f"{file} {stat.st_size} {stat.st_mtime_ns}" if S_ISREG(stat.st_mode) else None
    )
