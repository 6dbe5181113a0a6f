"""What the commands print on."""

import os
import sys
from datetime import datetime

from rich.console import Console


class Screen(Console):
    """A console that goes on without a reader: ``clustering run | head`` still builds.

    Rich would end the process; in a thread of dbt's, that ends the thread alone, and
    dbt waits for it.
    """

    def on_broken_pipe(self) -> None:
        """Print no more."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def new_console() -> Screen:
    """Return a console; where output is no terminal, wide enough for the tables."""
    width = None if Console().is_terminal else 110
    # names of the input are shown as they are
    return Screen(width=width, markup=False, emoji=False)


def say_moment(moment: datetime) -> str:
    """Return a moment as the clock on the wall has it."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"
