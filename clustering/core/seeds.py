"""The seeds, before dbt reads them: it counts their rows from 0 and knows no commas."""

import csv
from pathlib import Path

from clustering.core.errors import InputError
from clustering.core.paths import DBT_PROJECT

SEEDS = DBT_PROJECT / "seeds"


def check_seeds(folder: Path = SEEDS) -> None:
    """Refuse a row that has more values than the header has columns.

    Raises
    ------
    InputError
        With file, line, and how many there are.
    """
    for file in sorted(folder.glob("*.csv")):
        with file.open(newline="", encoding="utf-8-sig") as lines:
            rows = csv.reader(lines)
            header = next(rows, [])
            for row in rows:
                if len(row) > len(header):
                    raise InputError(
                        f"seeds/{file.name}, line {rows.line_num}: {len(row)} values,"
                        f" expected {len(header)}: {','.join(header)}; a text that has"
                        ' a comma in it goes between "quotes"'
                    )
