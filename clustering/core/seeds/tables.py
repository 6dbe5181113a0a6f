"""Seeds as dbt reads them: rows of texts, an empty one is None."""

import csv
from dataclasses import dataclass
from pathlib import Path

import yaml

from clustering.core.errors import InputError

Row = dict[str, str | None]
# What dbt takes for nothing.
EMPTY = ("", "null")
# The header is line 1.
FIRST_LINE = 2


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row: its line, what was found, and what helps."""

    line: int
    what: str
    remedy: str


@dataclass(frozen=True)
class Seed:
    """One seed.

    Parameters
    ----------
    name : str
        Name of the file, without .csv.
    rows : dict of int to dict
        By line, as the mart corrections counts them: value per column.
    """

    name: str
    rows: dict[int, Row]

    @property
    def file(self) -> str:
        """The file, as a person of the project calls it."""
        return f"seeds/{self.name}.csv"

    def refuse(self, problem: Problem) -> InputError:
        """Return the error for a row of it."""
        where = f"{self.file}: line {problem.line}"
        return InputError(f"{where}: {problem.what}; {problem.remedy}")

    def check_known(self, column: str, found: set[str], known: set[str]) -> None:
        """Refuse a value that is none of those that are known.

        Raises
        ------
        InputError
            With the first such value, and those that are known.
        """
        for value in sorted(found - known):
            raise InputError(
                f"{self.file}: {column} '{value}' is unknown, expected one of:"
                f" {', '.join(sorted(known))}; correct or remove that rule"
            )


def read_seed(file: Path) -> Seed:
    """Read a seed; dbt counts its rows from 0, and knows no commas.

    Raises
    ------
    InputError
        If a row has more values than the header has columns, or a column of its
        description in the .yml beside it is not there.
    """
    with file.open(newline="", encoding="utf-8-sig") as lines:
        rows = csv.reader(lines)
        header = next(rows, [])
        _check_header(file, header)
        found: dict[int, Row] = {}
        for line, row in enumerate(rows, start=FIRST_LINE):
            if len(row) > len(header):
                raise InputError(
                    f"seeds/{file.name}, line {rows.line_num}: {len(row)} values,"
                    f" expected {len(header)}: {','.join(header)}; a text that has"
                    ' a comma in it goes between "quotes"'
                )
            values = [*row, *[""] * (len(header) - len(row))]
            found[line] = dict(zip(header, map(_none_if_empty, values), strict=True))
    return Seed(file.stem, found)


def _check_header(file: Path, header: list[str]) -> None:
    description = file.with_suffix(".yml")
    if not description.exists():
        return
    (seed,) = yaml.safe_load(description.read_text())["seeds"]
    wanted = [column["name"] for column in seed["columns"]]
    for column in wanted:
        if column not in header:
            raise InputError(
                f"seeds/{file.name}: column {column} is missing, found"
                f" {', '.join(header)}; the header is {','.join(wanted)}"
            )


def _none_if_empty(text: str) -> str | None:
    return None if text.strip().lower() in EMPTY else text
