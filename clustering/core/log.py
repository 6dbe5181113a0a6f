"""The log of the command: JSON lines, in DATA_DIR/logs/clustering.log.

dbt keeps its own beside it, with every statement.
"""

import fcntl
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from pythonjsonlogger.json import JsonFormatter

from clustering.core.paths import Paths

BYTES, KEPT = 2_000_000, 5
FIELDS = ["asctime", "levelname", "process", "message"]
MOMENT = "%Y-%m-%dT%H:%M:%S%z"
STARTED, ENDED, FAILED = "run started", "run ended", "run failed"


@dataclass(frozen=True)
class LoggedRun:
    """The last run that the log tells of.

    Parameters
    ----------
    started_at : datetime
        When it started.
    process : int
        Id of its process.
    scenario : str or None
        Name of the scenario that it was for.
    has_ended : bool
        Whether it came to an end by itself, good or bad.
    error : str or None
        Why it failed.
    """

    started_at: datetime
    process: int
    scenario: str | None
    has_ended: bool
    error: str | None


def log_file(paths: Paths) -> Path:
    """Return where the command's log is."""
    return paths.logs / "clustering.log"


def open_log(paths: Paths) -> logging.Logger:
    """Return the logger whose lines go to the log; the file is made by the first."""
    logger = logging.getLogger("clustering")
    file = log_file(paths)
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
        handler.close()
    logger.addHandler(_Handler(file))
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return logger


@contextmanager
def log_run(paths: Paths, about: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Note that a run starts and how it ends; what is put into the dict is noted, too.

    A run that was killed has no end in the log.
    """
    log = open_log(paths)
    log.info(STARTED, extra=about)
    result = dict(about)
    with _lock_file(paths).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)  # ends with the process
        try:
            yield result
        except BaseException as error:
            why = str(error) or type(error).__name__
            log.info(FAILED, extra=result | {"error": why})
            raise
        log.info(ENDED, extra=result)


def is_under_way(paths: Paths) -> bool:
    """Return whether the command runs now, in whatever process or container."""
    file = _lock_file(paths)
    if not file.exists():
        return False
    with file.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def last_run(paths: Paths) -> LoggedRun | None:
    """Return the last run that the log tells of."""
    entries = _read_entries(log_file(paths))
    starts = [i for i, entry in enumerate(entries) if entry["message"] == STARTED]
    if not starts:
        return None
    start = entries[starts[-1]]
    ends = [
        entry
        for entry in entries[starts[-1] :]
        if entry["process"] == start["process"] and entry["message"] in (ENDED, FAILED)
    ]
    return LoggedRun(
        datetime.strptime(start["time"], MOMENT),
        start["process"],
        start["scenario"],
        has_ended=bool(ends),
        error=ends[0].get("error") if ends else None,
    )


def _lock_file(paths: Paths) -> Path:
    return paths.logs / "run.lock"


def _read_entries(file: Path) -> list[dict]:
    """Return what the log and the one before it have; a line cut short is none."""
    entries = []
    for part in (file.with_name(f"{file.name}.1"), file):
        lines = part.read_text(encoding="utf-8").splitlines() if part.exists() else []
        for line in lines:
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue
            if "process" in entry:  # not of an earlier version of the project
                entries.append(entry)
    return entries


class _Handler(RotatingFileHandler):
    """Makes its folder with the first line: what logs nothing writes nothing."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            file, maxBytes=BYTES, backupCount=KEPT, encoding="utf-8", delay=True
        )
        renamed = {"asctime": "time", "levelname": "level"}
        self.setFormatter(JsonFormatter(FIELDS, rename_fields=renamed, datefmt=MOMENT))

    def emit(self, record: logging.LogRecord) -> None:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        super().emit(record)
