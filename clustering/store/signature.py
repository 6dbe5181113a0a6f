"""What a build is made from, in one fingerprint: input, settings and code."""

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path

from clustering.core.clock import read_day
from clustering.core.contract import read_contract
from clustering.core.paths import CODE, DBT_PROJECT

# What computes: another version may give other figures.
LIBRARIES = ("duckdb", "dbt-core", "numpy", "pandas", "scikit-learn", "scipy")


def sign(
    *,
    internal: Path,
    external: Path,
    settings: Mapping[str, object],
    today: date,
) -> str:
    """Return a text that changes with any file, setting or line of code.

    Contents are read, not times: a file that was copied is the same file.

    Parameters
    ----------
    internal, external : Path
        Folders of the raw tables.
    settings : mapping
        Vars of dbt_project.yml that the build sets otherwise.
    today : date
        Corrections of people in the seeds end with their day.
    """
    folders = {"INTERNAL_DATA_DIR": internal, "EXTERNAL_DATA_DIR": external}
    parts = {
        "input": {
            table.name: _contents(_files_of(table.name, folders[table.variable]))
            for table in read_contract(DBT_PROJECT)
        },
        "settings": dict(settings),
        "code": _contents(_files(CODE)),
        "libraries": {name: version(name) for name in LIBRARIES},
        "expired": _expired(today),
    }
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_file(file: Path) -> str:
    """Return the SHA-256 of a file's contents, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _files_of(table: str, folder: Path) -> list[Path]:
    one = [folder / f"{table}.{suffix}" for suffix in ("parquet", "csv")]
    return [file for file in [*one, *(folder / table).rglob("*")] if file.is_file()]


def _expired(today: date) -> list[list[str]]:
    """Return the rows of seeds whose day is over."""
    rows = []
    for seed in sorted((DBT_PROJECT / "seeds").glob("*.csv")):
        # what cannot be read is refused later, with its name
        with seed.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            rows += [
                [seed.stem, *map(str, row.values())]
                for row in csv.DictReader(file)
                if _is_over(row.get("expires_on"), today=today)
            ]
    return rows


def _is_over(expires_on: str | None, *, today: date) -> bool:
    day = read_day((expires_on or "").strip())
    return day is not None and day < today


def _files(places: Iterable[Path]) -> list[Path]:
    found = (file for place in places for file in (place, *place.rglob("*")))
    return [
        file for file in found if file.is_file() and "__pycache__" not in file.parts
    ]


def _contents(files: Iterable[Path]) -> list[tuple[str, str]]:
    """Return name and hash of each file; the folder that it lies in does not count."""
    return sorted((file.name, hash_file(file)) for file in files)
