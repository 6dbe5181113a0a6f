"""Runs of the command, in the registry: which was the last one, and how it ended.

What it logs for people, :mod:`clustering.core.log` writes beside.
"""

import fcntl
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clustering.core.log import open_log
from clustering.core.paths import Paths
from clustering.store.registry import Registry

STARTED, ENDED, FAILED = "run started", "run ended", "run failed"

LAST = """
    select process, scenario, started_at, ended_at, error
    from commands
    order by command_id desc
    limit 1
"""


@dataclass(frozen=True)
class CommandRun:
    """One `clustering run`.

    Parameters
    ----------
    started_at : datetime
        When it started, in UTC.
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


@contextmanager
def record_command(
    paths: Paths, about: Mapping[str, object]
) -> Generator[dict[str, object]]:
    """Record that a run starts and how it ends; what is put into the dict is, too.

    A run that was killed has no end.

    Parameters
    ----------
    paths : Paths
        The data folder.
    about : mapping
        For the log; of it the registry has ``job``, ``environment``, ``scenario`` and,
        once that is put there, ``published``, the name of the run.
    """
    log, registry = open_log(paths), Registry(paths.registry)
    log.info(STARTED, extra=about)
    result = dict(about)
    with _lock_file(paths).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)  # ends with the process
        command_id = _record_start(registry, about)
        try:
            yield result
        except BaseException as error:
            why = str(error) or type(error).__name__
            log.info(FAILED, extra=result | {"error": why})
            _record_end(registry, command_id, error=why)
            raise
        log.info(ENDED, extra=result)
        _record_end(registry, command_id, published=result.get("published"))


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


def last_command(paths: Paths) -> CommandRun | None:
    """Return the last run of the command; None where there was none."""
    for row in Registry(paths.registry).read(LAST):
        return CommandRun(
            datetime.fromisoformat(row["started_at"]),
            row["process"],
            row["scenario"],
            has_ended=row["ended_at"] is not None,
            error=row["error"],
        )
    return None


def _record_start(registry: Registry, about: Mapping[str, object]) -> int:
    with registry.transaction() as connection:
        return connection.execute(
            "insert into commands (process, job, environment, scenario, started_at)"
            " values (?, ?, ?, ?, ?) returning command_id",
            [
                os.getpid(),
                *(about.get(name) for name in ("job", "environment", "scenario")),
                _now(),
            ],
        ).fetchone()["command_id"]


def _record_end(
    registry: Registry,
    command_id: int,
    *,
    error: str | None = None,
    published: object = None,
) -> None:
    with registry.transaction() as connection:
        connection.execute(
            "update commands set ended_at = ?, error = ?, published = ?"
            " where command_id = ?",
            [_now(), error, published, command_id],
        )


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _lock_file(paths: Paths) -> Path:
    return paths.logs / "run.lock"
