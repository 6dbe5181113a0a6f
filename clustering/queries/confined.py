"""Run one statement in a process of its own, from which it cannot reach anything else.

The process reads a request from its standard input and writes an answer to its standard
output, both JSON. DuckDB has the run's tables, which it cannot write, and no other
file; the operating system ends the process where it takes too much memory. The one that
started it ends it where it takes too long.
"""

import json
import math
import resource
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from clustering.core import sql
from clustering.core.errors import ArgumentError

MEMORY = "512MB"
# Of addresses: what the process has at its start, and DuckDB's memory once more. One
# text of gigabytes, which DuckDB does not count, fails before it is filled.
MOST_BYTES = 1024**3
LONGEST = 500
TOO_LARGE = "it needs too much memory; select fewer rows or tables"
CONFINED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    "memory_limit": MEMORY,
    "temp_directory": "",
    "threads": 1,
}


def run_confined(
    database: Path, statement: str, *, rows: int, seconds: float
) -> list[dict[str, Any]]:
    """Return the first rows of what a statement selects, by column.

    Parameters
    ----------
    database : Path
        The only file that it can read.
    statement : str
        A SELECT.
    rows : int
        The most rows.
    seconds : float
        The most time.

    Raises
    ------
    ArgumentError
        If it is wrong, takes longer, or needs more memory.
    """
    request = {"database": str(database), "statement": statement, "rows": rows}
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ArgumentError(
            f"it took longer than {seconds:g} s; select fewer rows or tables"
        ) from None
    if done.returncode or not done.stdout:
        raise ArgumentError(TOO_LARGE)
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise ArgumentError(answer["error"])
    return answer["rows"]


def main() -> None:
    """Answer the request in standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    request = json.load(sys.stdin)
    try:
        answer: Mapping[str, object] = {"rows": _select(**request)}
    except duckdb.OutOfMemoryException:
        answer = {"error": TOO_LARGE}
    except duckdb.Error as error:
        kind, _, said = str(error).partition("\n")[0].partition(": ")
        answer = {"error": (said or kind)[:LONGEST]}
    json.dump(answer, sys.stdout)


def _select(database: str, statement: str, rows: int) -> list[dict[str, object]]:
    with duckdb.connect(config=CONFINED) as connection:
        connection.execute(f"attach {sql.text(database)} as run (read_only)")
        connection.execute("use run")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        found = connection.sql(statement).limit(rows)
        columns = [name for name, *_ in found.description]
        return [
            dict(zip(columns, map(_plain, row), strict=True))
            for row in found.fetchall()
        ]


def _plain(value: object) -> object:
    """Return a value as JSON has it; long texts are cut."""
    match value:
        case None | bool() | int():
            return value
        case float() | Decimal():
            return float(value) if math.isfinite(value) else None
        case date() | datetime():
            return value.isoformat()
        case list() | tuple():
            return [_plain(one) for one in value[:LONGEST]]
        case dict():
            return {str(key): _plain(one) for key, one in value.items()}
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


if __name__ == "__main__":
    main()
