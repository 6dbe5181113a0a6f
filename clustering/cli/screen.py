"""What the commands print on, and what `clustering run` prints while dbt builds."""

import os
import sys
import time
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

# Rich leaves those in that colour text, move the cursor or make links.
CONTROLS = {
    code: "\N{REPLACEMENT CHARACTER}"
    for code in (*range(0x20), *range(0x7F, 0xA0))
    if chr(code) not in "\t\n\r"
}


class Screen(Console):
    """A console on which text is text: names in the data can neither format nor act.

    It works without a reader, too: ``clustering run | head`` still builds. Rich would
    end the process; in a thread of dbt's, that ends the thread alone, and dbt waits for
    it.
    """

    def render_str(self, text: str, **options: Any) -> Text:
        """Return text to print, without control characters."""
        return super().render_str(text.translate(CONTROLS), **options)

    def on_broken_pipe(self) -> None:
        """Stop printing."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def new_console(*, width: int = 110) -> Screen:
    """Return a console; if output is not a terminal, of that many columns."""
    fixed = None if Console().is_terminal else width
    # names of the input are shown as they are
    return Screen(width=fixed, markup=False, emoji=False)


def say_moment(moment: datetime) -> str:
    """Return a moment in local time."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


class BuildReport:
    """Turns dbt's events into a line per model and a bar at the bottom."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=console,
            transient=True,
        )
        self._bar = self.progress.add_task("reading the project", total=None)
        self._started = time.monotonic()
        self._models = 0

    def notice(self, event: Any) -> None:
        """Take one event of dbt."""
        match event.info.name:
            case "LogHookStartLine" if event.data.statement.endswith("on-run-start.0"):
                self.progress.console.print("checking the input files")
            case "ConcurrencyLine":
                self.progress.update(self._bar, total=event.data.node_count)
            case "NodeStart":
                name = event.data.node_info.node_name
                self.progress.update(self._bar, description=name)
            case "NodeFinished":
                self._finish(event)
            case "JinjaLogInfo":  # a line that a macro of ours says
                self.progress.console.print(event.data.msg)

    def summarise(self) -> None:
        """Say how much was built and how long it took."""
        seconds = time.monotonic() - self._started
        self.progress.console.print(
            f"built {self._models} models and seeds in {seconds:.0f} s"
        )

    def _finish(self, event: Any) -> None:
        self.progress.advance(self._bar)
        node, result = event.data.node_info, event.data.run_result
        if node.resource_type in {"model", "seed"}:
            self._models += 1
            state = "" if node.node_status == "success" else f" {node.node_status}"
            self.progress.console.print(
                f"  {node.node_name:<32} {result.execution_time:6.1f} s{state}",
                highlight=False,
            )
