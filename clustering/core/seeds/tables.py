"""Seeds as DuckDB reads them: rows of text, with None for an empty value."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from clustering.core.errors import InputError

if TYPE_CHECKING:
    from _csv import Reader  # the csv module has no public name for it

Row = dict[str, str | None]
# The header is line 1.
FIRST_LINE = 2


@dataclass(frozen=True)
class Problem:
    """A problem of a row: its line, what was found, and the remedy."""

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
    header : list of str
        Names of its columns, in lower case.
    rows : dict of int to dict
        By line, numbered as in the mart corrections: value per column.
    """

    name: str
    header: list[str]
    rows: dict[int, Row]

    @property
    def file(self) -> str:
        """Its path in the dbt project."""
        return f"seeds/{self.name}.csv"

    def refuse(self, problem: Problem) -> InputError:
        """Return the error for a row of it."""
        where = f"{self.file}: line {problem.line}"
        return InputError(f"{where}: {problem.what}; {problem.remedy}")

    def check_known(self, column: str, found: set[str], known: set[str]) -> None:
        """Reject a value that is not among the known ones.

        Raises
        ------
        InputError
            With the first such value, and the known ones.
        """
        for value in sorted(found - known):
            raise InputError(
                f"{self.file}: {column} '{value}' is unknown, expected one of:"
                f" {', '.join(sorted(known))}; correct or remove that rule"
            )


def read_seed(file: Path) -> Seed:
    """Read a seed; raises what :func:`parse_seed` does."""
    return parse_seed(file.stem, file.read_bytes())


def parse_seed(name: str, content: bytes) -> Seed:
    """Read a seed as DuckDB does: blank lines are no rows, an empty value is null.

    Raises
    ------
    InputError
        If it is not UTF-8, or a row has more values than the header has columns.
    """
    try:
        text = content.decode("utf-8-sig")
        header, rows = _read_rows(name, csv.reader(io.StringIO(text, newline="")))
    except UnicodeDecodeError:
        raise InputError(
            f"seeds/{name}.csv: it is not UTF-8; save it as CSV UTF-8"
        ) from None
    except csv.Error as error:
        raise InputError(
            f"seeds/{name}.csv: it cannot be read as CSV: {error}; write it again"
        ) from None
    return Seed(name, header, rows)


def check_header(seed: Seed, file: Path) -> None:
    """Reject a seed that lacks a column described in the .yml beside it.

    Raises
    ------
    InputError
        With the column, and the expected header.
    """
    content = yaml.safe_load(file.with_suffix(".yml").read_text())
    described = next(one for one in content["seeds"] if one["name"] == seed.name)
    wanted = [column["name"] for column in described["columns"]]
    for column in wanted:
        if column not in seed.header:
            raise InputError(
                f"{seed.file}: column {column} is missing, found"
                f" {', '.join(seed.header)}; the header is {','.join(wanted)}"
            )


def _read_rows(name: str, rows: "Reader") -> tuple[list[str], dict[int, Row]]:
    header = [name.lower() for name in next(rows, [])]
    filled = (row for row in rows if row)
    found: dict[int, Row] = {}
    for line, row in enumerate(filled, start=FIRST_LINE):
        if len(row) > len(header):
            raise InputError(
                f"seeds/{name}.csv, line {rows.line_num}: {len(row)} values,"
                f" expected {len(header)}: {','.join(header)}; a text that has"
                ' a comma in it goes between "quotes"'
            )
        values = [value or None for value in row]
        missing = [None] * (len(header) - len(row))
        found[line] = dict(zip(header, [*values, *missing], strict=True))
    return header, found
