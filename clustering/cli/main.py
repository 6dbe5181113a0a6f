"""The `clustering` command."""

import os
import signal
import sys
from types import FrameType, TracebackType
from typing import Annotated, NoReturn

import duckdb
import typer
from dotenv import load_dotenv
from typer.main import get_command

from clustering.cli.assign import assign
from clustering.cli.export import export, report, track
from clustering.cli.generate import generate, minimal
from clustering.cli.map import map_input
from clustering.cli.project import init, list_jobs, validate
from clustering.cli.publish import approve, publish, reject, repair
from clustering.cli.run import run
from clustering.cli.seam import seam
from clustering.cli.serve import dashboard, mcp, ui
from clustering.cli.show import compare, show
from clustering.cli.status import status
from clustering.core.errors import (
    UNEXPECTED,
    CommandError,
    OutOfMemoryError,
    PipelineError,
)
from clustering.core.log import log_file, open_log, problem_of
from clustering.core.paths import PROJECT, Paths, check_project

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Turn a retailer's tables into store clusters that can be trusted.",
)
for command in (
    init,
    minimal,
    generate,
    validate,
    list_jobs,
    run,
    seam,
    status,
    show,
    compare,
    assign,
    approve,
    reject,
    publish,
    repair,
    export,
    report,
    dashboard,
    ui,
    mcp,
    track,
):
    app.command()(command)
app.command("map")(map_input)
# Commands that write files for people; a run has a registry to say that it was ended.
WRITING_FILES = {"export", "report", "generate", "seam"}
ENDED_BY_SIGNAL = 128 + signal.SIGTERM


def main() -> None:
    """Run the command; an error prints one line, with its code, and is in the log.

    Exit codes: 0 success, 2 an invalid argument, 3 an invalid environment or setting,
    4 the pipeline failed, 1 any other error.
    """
    load_dotenv(PROJECT / ".env")
    sys.excepthook = _tell
    try:
        get_command(app)()
    except CommandError as error:
        _end_by(error)
    except (MemoryError, duckdb.OutOfMemoryException) as error:
        _end_by(_lack_of_memory(error))


def _end_by(error: CommandError) -> NoReturn:
    if isinstance(error, PipelineError):
        _log(error)
    typer.echo(f"Error: {error} [{error.code}]", err=True)
    raise SystemExit(error.exit_code) from None


def _lack_of_memory(error: Exception) -> OutOfMemoryError:
    """Say what to do where a command, which builds nothing, needs too much memory."""
    said = str(error).partition("\n")[0] or "no message"
    return OutOfMemoryError(
        f"not enough memory: {said}; end other programs, or raise the limit of this"
        " process (ulimit -v) or of its container"
    )


def _tell(
    kind: type[BaseException], error: BaseException, _: TracebackType | None
) -> None:
    """Report an unexpected error in one line; Python ends with exit code 1."""
    says = " ".join(str(error).split()) or "no message"
    where = _log(error)
    typer.echo(
        f"Error: {kind.__name__}: {says}; the traceback is in {where} [{UNEXPECTED}]",
        err=True,
    )


def _log(error: BaseException) -> str:
    """Write an error with its traceback to the log, and return where the log is."""
    # where read_environment found the data folder to be
    paths = Paths.from_environment()
    command = {"command": sys.argv[1:]}
    log = open_log(paths)
    log.error(str(error), exc_info=error, extra=command)
    problem = problem_of(log)
    return (
        f"no log, for it cannot be written: {problem}"
        if problem
        else str(log_file(paths))
    )


def _show_version(wanted: bool) -> None:
    if wanted:
        from clustering.store.facts import code_version

        typer.echo(f"store-clustering {code_version()}")
        raise typer.Exit


@app.callback()
def _before_any_command(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and exit.",
            callback=_show_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Take the options before the command, and look for the project."""
    if context.invoked_subcommand in WRITING_FILES:
        signal.signal(signal.SIGTERM, _end)
    if context.invoked_subcommand != "init" and "--help" not in sys.argv:
        check_project()


def _end(number: int, _: FrameType | None) -> NoReturn:
    """End by a signal as by an error: temporary files are removed."""
    sys.excepthook = _end_quietly
    raise SystemExit(ENDED_BY_SIGNAL)


def _end_quietly(*_: object) -> NoReturn:
    """Take what DuckDB makes of a signal amid a query for the signal."""
    os._exit(ENDED_BY_SIGNAL)


if __name__ == "__main__":
    main()
