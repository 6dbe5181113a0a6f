"""Commands in processes of their own that need not import everything anew.

A process that has imported what the commands use is forked for each of them: that
saves the four seconds of processor time that imports take. Whatever changes the code,
or watches imports, starts the command as a user does.
"""

import contextlib
import importlib
import multiprocessing
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

BIN = Path(sys.executable).parent

# The commands: the module and the function that their scripts in BIN call.
SCRIPTS = {
    "clustering": ("clustering.cli.main", "main"),
    "dbt": ("dbt.cli.main", "cli"),
}

# Variables that are read while modules are imported.
AT_IMPORT = {"PYTHONPATH", "SCIPY_ARRAY_API"}

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.imported"])


def run_forked(
    script: str,
    arguments: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command, as `subprocess.run` does with its output captured as text."""
    command = [str(BIN / script), *map(str, arguments)]
    if AT_IMPORT & env.keys():
        return subprocess.run(
            command, env=env, cwd=cwd, capture_output=True, text=True, check=False
        )
    with TemporaryDirectory() as folder:
        outputs = Path(folder) / "stdout", Path(folder) / "stderr"
        process = start_forked(command, env=env, cwd=cwd or Path.cwd(), outputs=outputs)
        process.join()
        texts = [output.read_text() for output in outputs]
    return subprocess.CompletedProcess(command, process.exitcode, *texts)


def start_forked(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    outputs: tuple[Path, Path],
    limits: Mapping[int, int] | None = None,
    through: Sequence[str] = (),
) -> BaseProcess:
    """Start a command, and return its process.

    Parameters
    ----------
    command : sequence of str
        Path of a script in BIN, and its arguments.
    env, cwd : mapping and Path
        Its environment and folder.
    outputs : tuple of Path
        Files that get what it prints on stdout and on stderr.
    limits : mapping of int to int or None
        What it may use at most, by the resource's number in `resource`.
    through : sequence of str
        A program that starts the command, such as ``setpriv``, and its arguments.
    """
    process = _CONTEXT.Process(
        target=_carry_out,
        args=(list(command), dict(env), cwd, outputs, dict(limits or {}), (*through,)),
    )
    with _without(AT_IMPORT), _without_main():
        process.start()
    return process


@contextlib.contextmanager
def _without(names: set[str]) -> Iterator[None]:
    """Take variables out of the environment for a moment."""
    kept = {name: os.environ.pop(name) for name in names & os.environ.keys()}
    try:
        yield
    finally:
        os.environ |= kept


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Hide the program that runs the tests: it is no part of a command.

    Some tests of pages put one of theirs in its place.
    """
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _carry_out(
    command: list[str],
    env: dict[str, str],
    cwd: Path,
    outputs: tuple[Path, Path],
    limits: dict[int, int],
    through: tuple[str, ...],
) -> None:
    """Be the command: its arguments, environment, folder, output and exit code."""
    for stream, output in enumerate(outputs, start=1):
        with output.open("wb") as file:
            os.dup2(file.fileno(), stream)
    os.environ.clear()
    os.environ |= env
    os.chdir(cwd)
    for number, most in limits.items():
        resource.setrlimit(number, (most, most))
    if through:
        os.execvpe(through[0], [*through, *command], env)
    sys.argv = command
    module, function = SCRIPTS[Path(command[0]).name]
    try:
        getattr(importlib.import_module(module), function)()
    except Exception:  # noqa: BLE001 - told as by the interpreter
        sys.excepthook(*sys.exc_info())
        sys.exit(1)
