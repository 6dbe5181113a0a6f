"""Run dbt in this process; a failure is one line."""

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt_common.events.base_types import EventMsg

from clustering.core.builds import Origin
from clustering.core.errors import (
    CommandError,
    DataTestError,
    InputError,
    PipelineError,
    SettingsError,
)
from clustering.core.paths import DBT_PROJECT, Paths, set_environment
from clustering.core.seeds import check_seeds
from clustering.core.settings import check_settings

# How raw_input_error.sql and check_settings.sql, in dbt_project/macros, begin their
# one line.
ERRORS = {"Input error: ": InputError, "Settings error: ": SettingsError}
TRACEBACK = "Traceback (most recent call last):"
FAILED = {"error", "fail", "runtime error", "partial success"}


Listener = Callable[[EventMsg], None]


def build(
    paths: Paths,
    *,
    raw: Path | None = None,
    settings: Mapping[str, object],
    flags: Sequence[str] = (),
    listeners: Sequence[Listener] = (),
    origin: Origin | None = None,
) -> None:
    """Build and test every model, on the files in ``raw``.

    Parameters
    ----------
    paths : Paths
        Where the warehouse and the logs go.
    raw : Path or None
        Folder of the four input tables; None leaves it to INTERNAL_DATA_DIR and
        EXTERNAL_DATA_DIR, and to DATA_DIR/raw without these.
    settings : mapping
        Vars of dbt_project.yml that this run sets otherwise.
    flags : sequence of str
        More flags of ``dbt build``, such as ``--select`` and what it selects.
    listeners : sequence of callable
        Each takes every event of dbt.
    origin : Origin or None
        Who started the build, for the registry.

    Raises
    ------
    SettingsError
        If a setting cannot be; nothing was built.
    PipelineError
        If the input or a seed is bad, or a model or a test fails.
    """
    checked = check_settings(settings)
    check_seeds(volume_bands=checked.volume_bands)
    set_environment(paths, raw)
    if origin is not None:
        os.environ |= origin.variables
    # unit tests have data of their own: they test the code, not this input
    only = ("--exclude-resource-type", "unit_test")
    command = _command(paths, "build", *only, *flags, settings=settings)
    result = invoke(command, listeners=listeners)
    _raise_failures(result, log=paths.logs / "dbt.log")


def list_nodes(
    paths: Paths,
    selector: str,
    *,
    settings: Mapping[str, object],
    flags: Sequence[str] = (),
) -> set[str]:
    """Return the unique ids that a selector of dbt_project/selectors.yml selects."""
    set_environment(paths)
    keys = ("--output", "json", "--output-keys", "unique_id")
    command = _command(
        paths, "ls", "--selector", selector, *keys, *flags, settings=settings
    )
    result = invoke(command)
    _raise_failures(result, log=paths.logs / "dbt.log")
    lines = result.result if isinstance(result.result, list) else []
    return {json.loads(line)["unique_id"] for line in lines}


def invoke(
    command: list[str], *, listeners: Sequence[Listener] = ()
) -> dbtRunnerResult:
    """Run a command of dbt, and let go of the warehouse after it.

    Opening and closing the file takes longer than most of what happens in between, so
    that profiles.yml keeps it open, until this process ends: here others read it next.
    Events come from several threads of dbt; listeners get one at a time.
    """
    turn = threading.Lock()

    def tell(event: EventMsg) -> None:
        with turn:
            for listener in listeners:
                listener(event)

    try:
        return dbtRunner(callbacks=[tell]).invoke(command)
    finally:
        DuckDBConnectionManager.close_all_connections()


def _command(paths: Paths, *command: str, settings: Mapping[str, object]) -> list[str]:
    folder = str(DBT_PROJECT)
    quiet = ("--log-level", "none", "--log-level-file", "info")
    where = ("--project-dir", folder, "--profiles-dir", folder)
    given = yaml.safe_dump(dict(settings))
    log = ("--log-path", str(paths.logs))
    return [*quiet, *log, *command, "--vars", given, *where]


def _raise_failures(result: dbtRunnerResult, *, log: Path) -> None:
    if result.exception is not None:
        raise _stopped(str(result.exception), log=log)
    failed = [
        run for run in getattr(result.result, "results", []) if run.status in FAILED
    ]
    if failed:
        first = failed[0]
        is_test = first.node.resource_type == "test"
        says = first.node.description if is_test else ""
        message = f"{first.node.name}: {first.message} {says}"
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        error = DataTestError if is_test else PipelineError
        raise error(_one_line(message, log=log, more=more))
    if not result.success:
        raise PipelineError(f"dbt did not succeed; see {log}")


def _stopped(message: str, *, log: Path) -> CommandError:
    """Return the error that a macro of ours raised, or else dbt's own."""
    for line in map(str.strip, message.splitlines()):
        for prefix, error in ERRORS.items():
            if line.startswith(prefix):
                return error(line.removeprefix(prefix))
    return PipelineError(_one_line(message, log=log))


def _one_line(message: str, *, log: Path, more: str = "") -> str:
    """Cut dbt's message down to the line that says what is wrong."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    if TRACEBACK in lines:
        return f"{lines[-1]}{more}; see {log}"
    lines = [line for line in lines if not line.startswith("> ")]
    return f"{' '.join(lines[:3])}{more}; see {log}"
