"""Run dbt in this process; a failure is one line."""

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.schemas.run import RunResult
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

# How raw_input_error.sql, check_settings.sql and run_data_tests.sql, in
# dbt_project/macros, begin their one line.
ERRORS = {
    "Input error: ": InputError,
    "Settings error: ": SettingsError,
    "Test failed: ": DataTestError,
}
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
    command = _command(paths, "build", *flags, settings=settings)
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
    """Raise the first failure, in one line, with the number of the others."""
    if result.exception is not None:
        problems = _problems(str(result.exception))
    else:
        runs = getattr(result.result, "results", [])
        failed = [run for run in runs if run.status in FAILED]
        problems = [problem for run in failed for problem in _problems_of(run)]
    if problems:
        first, *others = problems
        more = f" (and {len(others)} more)" if others else ""
        where = "" if isinstance(first, SettingsError | InputError) else f"; see {log}"
        raise type(first)(f"{first}{more}{where}")
    if not result.success:
        raise PipelineError(f"dbt did not succeed; see {log}")


def _problems_of(run: RunResult) -> list[CommandError]:
    """Return what is wrong with a node: of a model, each test that failed."""
    if run.node.resource_type == "test":
        says = f"{run.node.name}: {run.message} {run.node.description}"
        return [DataTestError(_one_line(says))]
    return _problems(run.message or str(run.status), name=f"{run.node.name}: ")


def _problems(message: str, *, name: str = "") -> list[CommandError]:
    """Return the errors that a macro of ours raised, or else dbt's own."""
    ours = [
        error(line.removeprefix(prefix))
        for line in map(str.strip, message.splitlines())
        for prefix, error in ERRORS.items()
        if line.startswith(prefix)
    ]
    return ours or [PipelineError(f"{name}{_one_line(message)}")]


def _one_line(message: str) -> str:
    """Cut dbt's message down to the line that says what is wrong."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    if TRACEBACK in lines:
        return lines[-1]
    return " ".join([line for line in lines if not line.startswith("> ")][:3])
