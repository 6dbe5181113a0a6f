"""Rows that people add to the seeds of corrections, and take out again.

A seed is written whole or not at all, and only if all corrections are valid with the
new rows. What decides the same as a new row makes way for it: the last word counts.
"""

import csv
import fcntl
import io
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clustering.core.errors import ArgumentError
from clustering.core.files import replacing
from clustering.core.paths import DBT_PROJECT
from clustering.core.seeds.corrections import (
    SEEDS,
    Correction,
    find_problems,
    read_correction,
)
from clustering.core.seeds.tables import FIRST_LINE, Row, Seed, read_seed

FOLDER = DBT_PROJECT / "seeds"
# The rows that a seed is to have.
Change = Callable[[Seed], Sequence[Row]]


@dataclass(frozen=True)
class Edit:
    """A change of one seed, which can be undone: its content before and after."""

    file: Path
    before: bytes
    after: bytes


def read_corrections(folder: Path = FOLDER) -> list[Correction]:
    """Return all rows of the seeds of corrections, seed by seed."""
    return [
        read_correction(seed.name, line, row)
        for seed in _read_seeds(folder)
        for line, row in seed.rows.items()
    ]


def add_rows(seed: str, rows: Sequence[Row], *, folder: Path = FOLDER) -> Edit:
    """Add rows to a seed, in place of rows that decide the same.

    Parameters
    ----------
    seed : str
        One of :data:`clustering.core.seeds.corrections.SEEDS`.
    rows : sequence of dict
        Value per column; a column that is missing is empty.
    folder : Path
        The folder of the seeds.

    Raises
    ------
    ArgumentError
        If a row has a column that the seed has not.
    InputError
        If a row is invalid, or contradicts another one; nothing is written then.
    CommandError
        If the file cannot be written.
    """
    return _change(seed, _adding(seed, rows), folder=folder)


def check_rows(seed: str, rows: Sequence[Row], *, folder: Path = FOLDER) -> None:
    """Raise what :func:`add_rows` would of these rows; nothing is written."""
    _plan(seed, _adding(seed, rows), folder=folder)


def remove_row(seed: str, line: int, *, folder: Path = FOLDER) -> Edit:
    """Take a row out of a seed.

    Raises
    ------
    ArgumentError
        If it has no such line.
    CommandError
        If the file cannot be written.
    """

    def remove(before: Seed) -> list[Row]:
        if line not in before.rows:
            raise ArgumentError(f"{before.file} has no line {line}: reload the page")
        return [row for number, row in before.rows.items() if number != line]

    return _change(seed, remove, folder=folder)


def undo(edit: Edit) -> None:
    """Put a seed back as it was before an edit.

    Raises
    ------
    ArgumentError
        If somebody changed it since.
    CommandError
        If the file cannot be written.
    """
    with _turn(edit.file.parent):
        if edit.file.read_bytes() != edit.after:
            raise ArgumentError(
                f"{edit.file.name} was changed since, so nothing was undone: remove"
                " the row itself"
            )
        _write(edit.file, edit.before)


def _adding(seed: str, rows: Sequence[Row]) -> Change:
    """Return the change that adds rows, in place of rows that decide the same."""
    decided = {read_correction(seed, 0, row).decides for row in rows}

    def add(before: Seed) -> list[Row]:
        unknown = {name for row in rows for name in row} - set(before.header)
        if unknown:
            raise ArgumentError(
                f"got column {min(unknown)}, expected: {', '.join(before.header)}"
            )
        kept = [
            row
            for line, row in before.rows.items()
            if read_correction(seed, line, row).decides not in decided
        ]
        return [*kept, *rows]

    return add


def _change(name: str, change: Change, *, folder: Path) -> Edit:
    with _turn(folder):
        edit = _plan(name, change, folder=folder)
        _write(edit.file, edit.after)
    return edit


def _plan(name: str, change: Change, *, folder: Path) -> Edit:
    """Return a change of a seed that is valid with all others, not yet written."""
    file = folder / f"{name}.csv"
    seeds = {seed.name: seed for seed in _read_seeds(folder)}
    rows = dict(enumerate(change(seeds[name]), start=FIRST_LINE))
    changed = Seed(name, seeds[name].header, rows)
    for seed, problem in find_problems([*(seeds | {name: changed}).values()]):
        raise seed.refuse(problem)
    return Edit(file, file.read_bytes(), _to_csv(changed))


def _read_seeds(folder: Path) -> list[Seed]:
    return [read_seed(folder / f"{name}.csv") for name in SEEDS]


def _to_csv(seed: Seed) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(seed.header)
    writer.writerows(_values(row, seed.header) for row in seed.rows.values())
    return text.getvalue().encode()


def _values(row: Mapping[str, str | None], header: Sequence[str]) -> list[str]:
    return [row.get(name) or "" for name in header]


def _write(file: Path, content: bytes) -> None:
    with replacing(file) as temporary:
        temporary.write_bytes(content)
        temporary.chmod(file.stat().st_mode)


@contextmanager
def _turn(folder: Path) -> Generator[None]:
    """Be the only one who changes the seeds of a folder."""
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)
