"""The builds of a data folder and the runs of the command, from the registry."""

import fcntl
import json
import os
import shlex
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from clustering.core.clock import timestamp
from clustering.core.errors import InUseError, PipelineError
from clustering.core.log import open_log
from clustering.core.paths import Paths
from clustering.store.facts import read_run
from clustering.store.integrity import find_damaged
from clustering.store.registry import Registry
from clustering.store.runs import (
    RUNS,
    PublishedRun,
    current_run,
    live_version,
    run_name,
)
from clustering.store.versions import read_versions
from clustering.store.warehouse import (
    BusyError,
    Warehouse,
    check_build,
    open_warehouse,
    read_state,
)

# The folder of the warehouse that is no scenario's.
MAIN = "warehouse"

BUILDS = """
    select
        build_id, command, started_at, finished_at, status, started_by, environment,
        tags, code_version, signature, follows
    from builds
    where warehouse = :warehouse
    order by started_at desc
    limit :most
"""

FAILURES = """
    select resource_type, name, message
    from results
    where
        build_id = :build_id
        and made_by = :build_id
        and status not in ('success', 'pass', 'warn', 'skipped', 'building')
    order by resource_type = 'test', name
"""


@dataclass(frozen=True)
class Build:
    """One build: a command of dbt that changed a warehouse, or tested it.

    Parameters
    ----------
    build_id : str
        dbt's invocation id.
    command : str
        build, run, test, seed or retry.
    started_at, finished_at : datetime
        In UTC; without an end it was stopped, or is under way.
    status : str or None
        passed or failed.
    started_by, environment : str or None
        Who started it, and with which settings.
    tags : list of str
        Words of who started it.
    code_version, signature, follows : str or None
        As in :class:`clustering.core.builds.Origin`.
    """

    build_id: str
    command: str
    started_at: datetime
    finished_at: datetime | None
    status: str | None
    started_by: str | None
    environment: str | None
    tags: list[str]
    code_version: str | None
    signature: str | None
    follows: str | None

    @property
    def state(self) -> str:
        """What became of it: passed, failed or stopped."""
        return "stopped" if self.finished_at is None else self.status or "passed"

    @property
    def seconds(self) -> float | None:
        """How long it took; None where it has no end."""
        if self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


def last_builds(
    registry: Registry, *, warehouse: str = MAIN, most: int = 10
) -> list[Build]:
    """Return the newest builds in a warehouse, newest first."""
    rows = registry.read(BUILDS, {"warehouse": warehouse, "most": most})
    return [_read_build(dict(row)) for row in rows]


def _read_build(row: dict[str, Any]) -> Build:
    finished_at = row["finished_at"]
    row["started_at"] = datetime.fromisoformat(row["started_at"])
    row["finished_at"] = datetime.fromisoformat(finished_at) if finished_at else None
    row["tags"] = json.loads(row["tags"])
    return Build(**row)


UNDER_WAY = """
    select name
    from results
    where
        build_id = :build_id
        and made_by = :build_id
        and status = 'building'
        and resource_type in ('model', 'seed')
"""


def nodes_under_way(registry: Registry, *, warehouse: str = MAIN) -> list[str]:
    """Return the models and seeds that the last build has yet to make."""
    return [
        row["name"]
        for build in last_builds(registry, warehouse=warehouse, most=1)
        for row in registry.read(UNDER_WAY, {"build_id": build.build_id})
    ]


def read_failures(registry: Registry, build: Build) -> list[tuple[str, str, str]]:
    """Return resource type, name and message of what failed in a build."""
    rows = registry.read(FAILURES, {"build_id": build.build_id})
    return [tuple(row) for row in rows]


def find_unpublished(warehouse: Path, published: Path) -> str | None:
    """Return the name of a run that is complete and valid, but was never published.

    Raises
    ------
    BusyError
        If a build is under way.
    PipelineError
        If what is in the warehouse is not complete, or not valid.
    """
    if not warehouse.exists():
        return None
    with open_warehouse(warehouse, Registry.beside(published)) as opened:
        check_build(opened)
        run_id, built_at = read_run(opened)
    name = run_name(run_id, built_at=built_at)
    known = {version.run for version in read_versions(published)}
    return None if name in known else name


def find_same(
    warehouse: Path, published: Path, *, signature: str
) -> PublishedRun | None:
    """Return the kept run that a build with this signature would only repeat.

    None where anything in the warehouse was made from another signature, or is not
    complete and valid; where its run is not kept, or damaged; or where another version
    is live by now, which cluster labels would follow.
    """
    if not warehouse.exists():
        return None
    try:
        with open_warehouse(warehouse, Registry.beside(published)) as opened:
            return _find_same(opened, published, signature=signature)
    except (BusyError, PipelineError):
        return None


def _find_same(
    warehouse: Warehouse, published: Path, *, signature: str
) -> PublishedRun | None:
    check_build(warehouse)
    state = read_state(warehouse.registry, warehouse.build_id)
    if {one.signature for one in state if not one.is_test} != {signature}:
        return None
    run_id, built_at = read_run(warehouse)
    run = PublishedRun(
        (published / RUNS).resolve() / run_name(run_id, built_at=built_at)
    )
    now, live = current_run(published), live_version(published)
    id_of_live = now.short_id if now else None
    is_kept = run.database.exists() and not find_damaged(run.folder)
    is_whole = live is None or not find_damaged(live.folder)
    is_same = id_of_live in (run.short_id, _followed(warehouse))
    return run if is_kept and is_whole and is_same else None


def _followed(warehouse: Warehouse) -> str | None:
    """Return the short id of the run that the last build's labels follow."""
    [(follows,)] = warehouse.registry.read(
        "select follows from builds where build_id = :build_id",
        {"build_id": warehouse.build_id},
    )
    return follows


SPOILED = """
    update results
    set status = 'error', message = 'files changed while they were read'
    where
        build_id = :build_id
        and made_by = :build_id
        and resource_type = 'model'
        and name like 'stg\\_%' escape '\\'
"""


def spoil_build(warehouse: Path, registry: Registry) -> None:
    """Record that the last build read files that changed meanwhile: it is no good."""
    with open_warehouse(warehouse, registry) as opened:
        build_id = opened.build_id
    with registry.transaction() as connection:
        connection.execute(SPOILED, {"build_id": build_id})


# What the registry has of a run of the command.
KNOWN = ("job", "environment", "scenario", "raw")
STARTED, ENDED, FAILED = "run started", "run ended", "run failed"

LAST = """
    select job, process, scenario, raw, started_at, ended_at, error
    from commands
    order by command_id desc
    limit :most
"""

# Of those that were killed, too, which are older.
RUNNING = """
    select process
    from commands
    where ended_at is null and scenario is :scenario
    order by command_id desc
    limit 1
"""


@dataclass(frozen=True)
class CommandRun:
    """One `clustering run`.

    Parameters
    ----------
    job : str or None
        What it was to build.
    started_at, ended_at : datetime
        In UTC; without an end it was killed, or is under way.
    process : int
        Id of its process.
    scenario : str or None
        Name of the scenario that it was for.
    raw : str or None
        Folder of its input, if it was not the environment's.
    error : str or None
        Why it failed.
    """

    job: str | None
    started_at: datetime
    ended_at: datetime | None
    process: int
    scenario: str | None
    raw: str | None
    error: str | None

    @property
    def has_ended(self) -> bool:
        """Whether it came to an end by itself, good or bad."""
        return self.ended_at is not None

    @property
    def words(self) -> str:
        """The command that runs the same again, without its settings."""
        return " ".join(["run", *self.options])

    @property
    def options(self) -> list[str]:
        """The options of the command that say what it read."""
        return [] if self.raw is None else ["--raw", shlex.quote(self.raw)]


@contextmanager
def record_command(
    paths: Paths, about: Mapping[str, object], *, wait: bool = False
) -> Generator[dict[str, object]]:
    """Record that a run starts and how it ends, with what is put into the dict.

    A run that was killed has no end. One at a time may build in a warehouse.

    Parameters
    ----------
    paths : Paths
        The data folder.
    about : mapping
        For the log; of it the registry has ``job``, ``environment``, ``scenario``,
        ``raw`` and, once that is put there, ``published``, the name of the run.
    wait : bool
        Whether to wait for the end of another run in this warehouse.

    Raises
    ------
    PipelineError
        If another run is under way, and this one does not wait for it.
    """
    log, registry = open_log(paths), Registry(paths.registry)
    result = dict(about)
    with _turn(paths, wait=wait):
        log.info(STARTED, extra=about)
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


@contextmanager
def _turn(paths: Paths, *, wait: bool) -> Generator[None]:
    """Be the only run of the command in a warehouse; it ends with the process."""
    file = _lock_file(paths)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        if wait:
            fcntl.flock(lock, fcntl.LOCK_EX)
        elif not _take(lock):
            others = Registry(paths.registry).read(
                RUNNING, {"scenario": paths.scenario}
            )
            who = "".join(f" in process {other['process']}" for other in others)
            raise InUseError(
                f"another run is under way{who}, in {paths.warehouse.parent}: wait for"
                " its end, or let this one wait: clustering run --wait"
            )
        yield


def _take(lock: IO[str]) -> bool:
    """Lock a file for this process alone, unless another one keeps it locked."""
    for seconds in (0.1, 0.2, 0.4, 0):  # who only looks holds it for a moment
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(seconds)
        else:
            return True
    return False


def is_under_way(paths: Paths) -> bool:
    """Return whether the command is running, in any process or container."""
    return any(_is_locked(file) for file in paths.logs.glob("run*.lock"))


def _is_locked(file: Path) -> bool:
    with file.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def last_command(paths: Paths) -> CommandRun | None:
    """Return the last run of the command; None where there was none."""
    return next(iter(last_commands(paths, most=1)), None)


def last_commands(paths: Paths, *, most: int) -> list[CommandRun]:
    """Return the last runs of the command, the newest first."""
    rows = Registry(paths.registry).read(LAST, {"most": most})
    return [_read_command(dict(row)) for row in rows]


def _read_command(row: dict[str, Any]) -> CommandRun:
    for moment in ("started_at", "ended_at"):
        row[moment] = row[moment] and datetime.fromisoformat(row[moment])
    return CommandRun(**row)


def _record_start(registry: Registry, about: Mapping[str, object]) -> int:
    with registry.transaction() as connection:
        return connection.execute(
            "insert into commands"
            " (process, job, environment, scenario, raw, started_at)"
            " values (?, ?, ?, ?, ?, ?) returning command_id",
            [os.getpid(), *(about.get(name) for name in KNOWN), timestamp()],
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
            [timestamp(), error, published, command_id],
        )


def _lock_file(paths: Paths) -> Path:
    name = f"run.{paths.scenario}.lock" if paths.scenario else "run.lock"
    return paths.logs / name
