"""Run dbt in this process; a failure is one line."""

import hashlib
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import NoReturn, cast

import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.schemas.run import RunResult
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder
from dbt_common.events.base_types import EventMsg

from clustering.core.builds import Origin
from clustering.core.errors import (
    CommandError,
    DataTestError,
    InputError,
    OutOfMemoryError,
    PipelineError,
    SettingsError,
)
from clustering.core.files import replacing
from clustering.core.paths import DBT_PROJECT, Paths, dbt_environment
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

LACKS_MEMORY = re.compile(
    "Out of Memory Error|MemoryError|Unable to allocate|bad_alloc"
    "|can't start new thread"
)

# Below the folder that dbt writes to, which is no part of what it reads.
WRITTEN = ("target", "logs", "__pycache__")
# Parsed projects that are kept.
MOST_KEPT = 8

# A var that is printed into SQL changes neither what there is, nor what reads what.
PRINTED = re.compile(r"\{\{(?:(?!\}\}|\b(?:ref|source|config)\b).)*\}\}", re.DOTALL)
VAR = re.compile(r"\bvar\s*\(\s*(?:['\"](\w+)['\"])?")

# The project, and its profile.
WHERE = ("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT))

Listener = Callable[[EventMsg], None]


@dataclass(frozen=True)
class Target:
    """Where dbt builds and writes.

    Parameters
    ----------
    name : str or None
        A target of dbt_project/profiles.yml; None: the one that is its default.
    path : Path or None
        Folder of what dbt writes beside the warehouse; None: as dbt has it.
    """

    name: str | None = None
    path: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder that dbt writes to."""
        return self.path or Path(
            os.environ.get("DBT_TARGET_PATH") or DBT_PROJECT / "target"
        )

    @property
    def flags(self) -> list[str]:
        """Flags of dbt."""
        name = ["--target", self.name] if self.name else []
        return name + (["--target-path", str(self.path)] if self.path else [])


def build(
    paths: Paths,
    *,
    raw: Path | None = None,
    settings: Mapping[str, object],
    target: Target | None = None,
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
    target : Target or None
        Where dbt builds and writes; None: as it does by itself.
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
    told = {} if origin is None else origin.variables
    with dbt_environment(paths, raw, **told):
        command = ("build", *flags)
        _run(paths, *command, settings=settings, target=target, listeners=listeners)


def list_nodes(
    paths: Paths,
    selector: str,
    *,
    settings: Mapping[str, object],
    target: Target | None = None,
) -> set[str]:
    """Return the unique ids that a selector of dbt_project/selectors.yml selects.

    Raises
    ------
    SettingsError
        If a setting is invalid: dbt would render it as a template.
    """
    check_settings(settings)
    keys = ("--output", "json", "--output-keys", "unique_id")
    command = ("ls", "--selector", selector, *keys)
    with dbt_environment(paths):
        result = _run(paths, *command, settings=settings, target=target)
    lines = result.result if isinstance(result.result, list) else []
    return {json.loads(line)["unique_id"] for line in lines}


def invoke(
    command: list[str],
    *,
    listeners: Sequence[Listener] = (),
    manifest: Manifest | None = None,
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

    before, threading.excepthook = threading.excepthook, _end_with_thread
    try:
        return dbtRunner(manifest=manifest, callbacks=[tell]).invoke(command)
    finally:
        threading.excepthook = before
        DuckDBConnectionManager.close_all_connections()


def _end_with_thread(thread: threading.ExceptHookArgs) -> NoReturn:
    """End the process, as dbt waits forever for a thread of its own that failed.

    Most likely it had too little memory, of which none is needed to end.
    """
    with suppress(MemoryError):
        says = f"{thread.exc_type.__name__}: {thread.exc_value}".rstrip(": ")
        [error, *_] = problems_in(says)
        os.write(sys.stderr.fileno(), f"Error: {error} [{error.code}]\n".encode())
        logging.getLogger("clustering").error(str(error), exc_info=thread.exc_value)
    os._exit(PipelineError().exit_code)


def _run(
    paths: Paths,
    *command: str,
    settings: Mapping[str, object],
    target: Target | None,
    listeners: Sequence[Listener] = (),
) -> dbtRunnerResult:
    """Run a command on the project as it was parsed with these settings."""
    target, log = target or Target(), paths.logs / "dbt.log"
    # what happened is in the registry, and nobody reads dbt's files of it
    quiet = ("--log-level", "none", "--log-level-file", "info", "--no-write-json")
    given = ("--vars", yaml.safe_dump(dict(settings)), *target.flags)
    begin, end = [*quiet, "--log-path", str(paths.logs)], [*given, *WHERE]
    signature = _sign_project(settings, target.flags)
    kept = target.folder / "parsed" / f"{signature}.msgpack"
    manifest = _read_manifest(kept)
    if manifest is None:
        parsed = invoke([*begin, "parse", *end])
        _raise_failures(parsed, log=log)
        manifest = cast("Manifest", parsed.result)
        _keep_manifest(manifest, kept)
    result = invoke([*begin, *command, *end], listeners=listeners, manifest=manifest)
    _raise_failures(result, log=log)
    return result


def _sign_project(settings: Mapping[str, object], flags: Iterable[str]) -> str:
    """Return a fingerprint of all that parsing the project depends on."""
    contents = {
        file: file.read_bytes()
        for file in sorted(DBT_PROJECT.rglob("*"))
        if file.is_file() and not set(WRITTEN) & {*file.relative_to(DBT_PROJECT).parts}
    }
    names = {name for one in contents.items() for name in _vars_of_structure(*one)}
    read = dict(settings) if "" in names else {n: settings.get(n) for n in names}
    digest = hashlib.sha256(json.dumps(read, sort_keys=True, default=str).encode())
    for part in (str(DBT_PROJECT), metadata.version("dbt-core"), *flags):
        digest.update(part.encode() + b"\0")
    for file, content in contents.items():
        digest.update(f"{file}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def _vars_of_structure(file: Path, content: bytes) -> set[str]:
    """Return the vars that nodes or their references may depend on.

    Any var counts but those that SQL only prints; "" is one without a literal name.
    """
    if file.suffix not in {".sql", ".yml", ".yaml"}:
        return set()
    text = content.decode()
    return set(VAR.findall(PRINTED.sub("", text) if file.suffix == ".sql" else text))


def _read_manifest(file: Path) -> Manifest | None:
    """Return a parsed project; None where there is none for this environment."""
    try:
        manifest = Manifest.from_msgpack(
            file.read_bytes(), decoder=extended_mashumuro_decoder
        )
    except Exception:  # noqa: BLE001 - not there, or damaged: it is made anew
        return None
    if any(os.environ.get(name) != value for name, value in manifest.env_vars.items()):
        return None
    file.touch()
    manifest.build_flat_graph()
    return manifest


def _keep_manifest(manifest: Manifest, file: Path) -> None:
    """Keep a parsed project, and only the last few of them."""
    with replacing(file) as temporary:
        temporary.write_bytes(manifest.to_msgpack(extended_mashumaro_encoder))
    kept = sorted(file.parent.glob("*.msgpack"), key=lambda one: one.stat().st_mtime)
    for old in kept[:-MOST_KEPT]:
        old.unlink(missing_ok=True)


def _raise_failures(result: dbtRunnerResult, *, log: Path) -> None:
    """Raise the first failure, in one line, with the number of the others."""
    if result.exception is not None:
        problems = problems_in(str(result.exception))
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
    return problems_in(run.message or str(run.status), name=f"{run.node.name}: ")


def problems_in(message: str, *, name: str = "") -> list[CommandError]:
    """Return the errors that a macro of ours raised, or else dbt's own."""
    ours: list[CommandError] = [
        error(line.removeprefix(prefix))
        for line in map(str.strip, message.splitlines())
        for prefix, error in ERRORS.items()
        if line.startswith(prefix)
    ]
    says = _one_line(message)
    if LACKS_MEMORY.search(message):
        says = f"{name}not enough memory: {says}; {_less_memory()}"
        return ours or [OutOfMemoryError(says)]
    return ours or [PipelineError(f"{name}{says}")]


def _less_memory() -> str:
    """Say how a build takes less memory, and how much there is."""
    here = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    models = os.environ.get("DBT_THREADS", "2")
    return (
        f"this machine has {here:.1f} GB, of which DuckDB takes up to 80 %, for"
        f" {models} models at a time; take less: clustering run --memory-optimized (1"
        " GB, one model at a time; on a schedule, target: memory_optimized in"
        " configs/), or DBT_THREADS=1"
    )


def _one_line(message: str) -> str:
    """Cut dbt's message down to the line that says what is wrong."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    if TRACEBACK in lines:
        return lines[-1]
    return " ".join([line for line in lines if not line.startswith("> ")][:3])
