"""Commands in processes of their own that need not import everything anew.

A process that has imported what the commands use is forked for each of them: that
saves the four seconds of processor time that imports take. Whatever changes the code,
or watches imports, starts the command as a user does.
"""

import contextlib
import importlib
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from types import ModuleType
from unittest.mock import patch

BIN = Path(sys.executable).parent

# The commands: the module and the function that their scripts in BIN call.
SCRIPTS = {
    "clustering": ("clustering.cli.main", "main"),
    "dbt": ("dbt.cli.main", "cli"),
}

# Variables that are read while modules are imported.
AT_IMPORT = {"PYTHONPATH", "SCIPY_ARRAY_API"}

# The program that runs the tests is no part of a command; some tests of pages put one
# of theirs in its place.
NO_MAIN = patch.dict(sys.modules, {"__main__": ModuleType("__main__")})

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
    with TemporaryFile() as out, TemporaryFile() as err:
        told = (multiprocessing.reduction.DupFd(one.fileno()) for one in (out, err))
        process = _CONTEXT.Process(
            target=_carry_out, args=(command, dict(env), cwd or Path.cwd(), *told)
        )
        with _without(AT_IMPORT), NO_MAIN:
            process.start()
        process.join()
        texts = [_text_of(one) for one in (out, err)]
    return subprocess.CompletedProcess(command, process.exitcode, *texts)


@contextlib.contextmanager
def _without(names: set[str]) -> Iterator[None]:
    """Take variables out of the environment for a moment."""
    kept = {name: os.environ.pop(name) for name in names & os.environ.keys()}
    try:
        yield
    finally:
        os.environ |= kept


def _text_of(file) -> str:
    file.seek(0)
    return file.read().decode()


def _carry_out(command: list[str], env: dict[str, str], cwd: Path, out, err) -> None:
    """Be the command: its arguments, environment, folder, output and exit code."""
    os.environ.clear()
    os.environ |= env
    os.chdir(cwd)
    for stream, told in ((1, out), (2, err)):
        os.dup2(told.detach(), stream)
    sys.argv = command
    module, function = SCRIPTS[Path(command[0]).name]
    try:
        getattr(importlib.import_module(module), function)()
    except Exception:  # noqa: BLE001 - told as by the interpreter
        sys.excepthook(*sys.exc_info())
        sys.exit(1)
