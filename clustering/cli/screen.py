"""What the commands print on, and what `clustering run` prints while dbt builds."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from clustering.core.paths import DBT_PROJECT

# Columns of text where output is no terminal and COLUMNS does not say so.
WIDTH = 110
# Columns from which tables have all that they can show.
WIDE = 100
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


def new_console(*, width: int = WIDTH) -> Screen:
    """Return a console; if output is not a terminal, of that many columns.

    The variable COLUMNS sets them otherwise.
    """
    columns = os.environ.get("COLUMNS", "")
    fixed = int(columns) if columns.isdecimal() else width
    # names of the input are shown as they are
    return Screen(
        width=None if Console().is_terminal else fixed, markup=False, emoji=False
    )


def new_table(title: str = "", *, heads: Iterable[str] = ()) -> Table:
    """Return a table that leaves its columns as much room as it can."""
    return Table(
        *heads,
        title=title or None,
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        collapse_padding=True,
    )


def say_moment(moment: datetime) -> str:
    """Return a moment in local time."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


SEEDS = "seeds"


@cache
def _stages() -> dict[str, str]:
    """Return the stage of every model: the folder of dbt_project/models it is in."""
    models = DBT_PROJECT / "models"
    return {
        file.stem: file.relative_to(models).parts[0]
        for file in models.rglob("*.*")
        if file.suffix in {".sql", ".py"}
    }


@dataclass
class Stage:
    """What was made of one stage: names, seconds of each, and what did not succeed."""

    seconds: dict[str, float] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def describe(self, name: str, total: int) -> str:
        """Return a line: n of m, their seconds, and the one that took longest.

        >>> Stage({"stg_sales": 1.25, "stg_stores": 0.5}).describe("staging", 2)
        'staging         2 of  2     1.8 s   longest: stg_sales 1.2 s'
        """
        line = f"{name:<14} {len(self.seconds):>2} of {total:>2}"
        line += f" {sum(self.seconds.values()):7.1f} s"
        slowest = max(self.seconds, key=self.seconds.__getitem__)
        if len(self.seconds) > 1:
            line += f"   longest: {slowest} {self.seconds[slowest]:.1f} s"
        if self.failed:
            said = ", ".join(f"{node} {state}" for node, state in self.failed.items())
            line += f"   {said}"
        return line


class BuildReport:
    """Turns dbt's events into a line per stage and a bar at the bottom.

    Parameters
    ----------
    console : Console
        What it prints on.
    find_nodes : callable
        Returns the names of the models and seeds to be made, once dbt knows them.
    """

    def __init__(
        self, console: Console, *, find_nodes: Callable[[], Iterable[str]]
    ) -> None:
        self._find_nodes = find_nodes
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        console.print("reading the project")
        self._bar = self.progress.add_task("reading the project", total=None)
        self._stages: dict[str, Stage] = {}
        self._totals: Counter[str] = Counter()

    def notice(self, event: Any) -> None:
        """Take one event of dbt."""
        match event.info.name:
            case "LogHookStartLine" if event.data.statement.endswith("on-run-start.0"):
                self._say("checking the input files")
            case "ConcurrencyLine":
                self.progress.update(self._bar, total=event.data.node_count)
            case "NodeStart":
                # the hook before the first one has recorded what is to be made
                self._totals = self._totals or self._count_nodes()
                name = event.data.node_info.node_name
                self.progress.update(self._bar, description=name)
            case "NodeFinished":
                self._finish(event)
            case "JinjaLogInfo":  # a line that a macro of ours says
                self._say(event.data.msg)

    def summarise(self, seconds: float | None) -> None:
        """Say how much was built and how long it took, as the registry has it."""
        made = sum(len(stage.seconds) for stage in self._stages.values())
        self._say(f"built {made} models and seeds in {seconds or 0:.0f} s")

    def _count_nodes(self) -> Counter[str]:
        return Counter(map(_stage_of, self._find_nodes()))

    def _finish(self, event: Any) -> None:
        self.progress.advance(self._bar)
        node, result = event.data.node_info, event.data.run_result
        if node.resource_type not in {"model", "seed"}:
            return
        name = _stage_of(node.node_name)
        stage = self._stages.setdefault(name, Stage())
        stage.seconds[node.node_name] = result.execution_time
        if node.node_status != "success":
            stage.failed[node.node_name] = node.node_status
        if len(stage.seconds) == self._totals[name]:
            self._say(f"  {stage.describe(name, self._totals[name])}")

    def _say(self, line: str) -> None:
        self.progress.console.print(line, highlight=False, soft_wrap=True)


def _stage_of(node: str) -> str:
    return _stages().get(node, SEEDS)
