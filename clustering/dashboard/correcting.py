"""Corrections made in the dashboard: the one place that writes them and starts runs.

All that changes something goes through :class:`Corrector`, and there through
``_check``: who may approve here may correct here. Elsewhere pages show the row and the
command.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clustering.core.errors import CommandError
from clustering.core.paths import Paths
from clustering.core.seeds.editing import (
    FOLDER,
    Edit,
    add_rows,
    check_rows,
    remove_row,
    undo,
)
from clustering.core.seeds.tables import Row
from clustering.dashboard.approval import Approval
from clustering.dashboard.login import has_logged_in
from clustering.store.builds import last_command

# What a run that was started here prints, below the folder of the logs.
OUTPUT = "dashboard_run.txt"


@dataclass(frozen=True)
class Corrector:
    """Who may correct clusters in this dashboard, and where that is written.

    Parameters
    ----------
    approval : Approval
        What the dashboard may decide.
    paths : Paths
        The data folder of its runs.
    folder : Path
        The folder of the seeds.
    """

    approval: Approval
    paths: Paths
    folder: Path = FOLDER

    @classmethod
    def from_environment(cls) -> "Corrector":
        """Return what the server passed on."""
        return cls(Approval.from_environment(), Paths.from_environment())

    def find_obstacle(self) -> str | None:
        """Return why nothing can be corrected here; None if it can."""
        if not self.approval.is_allowed:
            return "Correcting is turned off in this dashboard"
        if not os.access(self.folder, os.W_OK):
            return f"This dashboard cannot write to `{self.folder}`"
        return None

    def add(self, seed: str, rows: Sequence[Row]) -> Edit:
        """Add rows to a seed; see :func:`clustering.core.seeds.editing.add_rows`.

        Raises
        ------
        CommandError
            If it is not allowed here, if a row is invalid, or if it cannot be written.
        """
        self._check()
        return add_rows(seed, rows, folder=self.folder)

    def check(self, seed: str, rows: Sequence[Row]) -> None:
        """Raise what :meth:`add` would of these rows; nothing is written."""
        self._check()
        check_rows(seed, rows, folder=self.folder)

    def remove(self, seed: str, line: int) -> Edit:
        """Take a row out of a seed; raises what :meth:`add` does."""
        self._check()
        return remove_row(seed, line, folder=self.folder)

    def undo(self, edit: Edit) -> None:
        """Put a seed back as it was before an edit; raises what :meth:`add` does."""
        self._check()
        undo(edit)

    @property
    def command(self) -> str:
        """The command that builds with the corrections, from the same input."""
        last = last_command(self.paths)
        words = last.words if last and not last.scenario else "run"
        return f"clustering {words} {self.approval.options}".strip()

    @property
    def output(self) -> Path:
        """What the run that was started here last has printed."""
        return self.paths.logs / OUTPUT

    def start_run(self) -> subprocess.Popen[bytes]:
        """Start that command; it goes on if the dashboard is ended.

        Returns
        -------
        Popen
            Its process, which prints to :attr:`output`.

        Raises
        ------
        CommandError
            If it is not allowed here.
        """
        self._check()
        last = last_command(self.paths)
        raw = ["--raw", last.raw] if last and last.raw and not last.scenario else []
        options = shlex.split(self.approval.options)
        self.output.parent.mkdir(parents=True, exist_ok=True)
        with self.output.open("wb") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "clustering.cli.main", "run", *raw, *options],
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def _check(self) -> None:
        if obstacle := self.find_obstacle():
            raise CommandError(obstacle)
        if not has_logged_in():
            raise CommandError("log in to correct clusters")
