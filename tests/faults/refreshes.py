"""Refreshes in a row, on input that changes at random."""

import random
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import duckdb

from clustering.store.runs import live_version
from clustering.store.versions import find_waiting, read_versions
from tests.faults.ground import (
    PARAMS,
    Ground,
    Tally,
    left_behind,
    look_as_reader,
)


def refresh(ground: Ground, dice: random.Random, tally: Tally) -> bool:
    """Run on input that changed at random since the run before; every sum holds."""
    raw = ground.paths.data / "raw"
    if not raw.exists():
        shutil.copytree(ground.raw, raw)
    change_input(ground.raw, raw, dice)
    began = time.monotonic()
    running = ground.start("run", *PARAMS)
    code = running.wait(tally)
    live = live_version(ground.paths.published)
    ground.may.add(live.name if live else "")
    size = find_size(ground.paths.data, seconds=time.monotonic() - began)
    size["megabytes of memory"] = running.peak / 1e3
    tally.sizes.append(size)
    whole = look_as_reader(ground, tally)
    waiting = find_waiting(read_versions(ground.paths.published))
    left = left_behind(ground.paths.published)
    growing = find_growth(tally.sizes)
    if code or left or growing or waiting:
        tally.problems.append(
            f"{tally.name} {tally.tried}: code {code}, left {left}, growing {growing},"
            f" waiting {waiting}: {running.said[-300:] if code else ''}"
        )
    return whole and not (code or left or growing or waiting)


def find_size(data: Path, *, seconds: float) -> dict[str, float]:
    """Return what a run took and left, in the units of the names."""
    files = [one.stat().st_size for one in data.rglob("*") if one.is_file()]
    return {
        "seconds": seconds,
        "files": len(files),
        "megabytes of files": sum(files) / 1e6,
    }


def find_growth(sizes: Sequence[Mapping[str, float]]) -> list[str]:
    """Return what grew since the first runs; those kept are complete after twenty."""
    if len(sizes) < 2 * SETTLED:
        return []
    before, now = sizes[SETTLED // 2 : SETTLED], sizes[-SETTLED // 2 :]
    return [
        name
        for name, most in MOST_GROWTH.items()
        if median(one[name] for one in now) > most * median(one[name] for one in before)
    ]


# Runs after which all versions that are kept are of the same kind.
SETTLED = 20
# How much more a run may take than the first ones; other work on the machine makes
# seconds vary.
MOST_GROWTH = {
    "seconds": 2.0,
    "files": 1.2,
    "megabytes of files": 1.2,
    "megabytes of memory": 1.2,
}


def change_input(good: Path, raw: Path, dice: random.Random) -> None:
    """Correct a table, or change it: stores go, sales rise, columns have gaps."""
    table, change = dice.choice(CHANGES)
    file = raw / f"{table}.parquet"
    if dice.random() < CORRECTED:
        shutil.copy(good / file.name, file)
        return
    new = raw / "changed.parquet"
    number = dice.randrange(2, 9)
    query = change.format(file=file, number=number)
    duckdb.sql(query).write_parquet(str(new))
    new.replace(file)


# How often a table becomes again what it was at first.
CORRECTED = 0.3

CHANGES = [
    (
        "internal_sales",
        "from '{file}' where hash(STORE_NBR, {number}) % 20 <> 0",
    ),
    (
        "internal_sales",
        "select * replace (TOTAL_SALES * (1 + hash(SKU_NBR) % {number} / 10.0)"
        " as TOTAL_SALES) from '{file}'",
    ),
    (
        "internal_sales",
        "select * replace (if(hash(STORE_NBR, SKU_NBR) % 500 = {number}, -TOTAL_SALES,"
        " TOTAL_SALES) as TOTAL_SALES) from '{file}'",
    ),
    (
        "internal_sales",
        "select * replace (if(hash(SKU_NBR) % 300 = {number}, 'X' || SKU_NBR, SKU_NBR)"
        " as SKU_NBR) from '{file}'",
    ),
    (
        "store_attributes",
        "select * replace (if(hash(STORE_NBR) % {number} = 0, null, INCOME) as INCOME)"
        " from '{file}'",
    ),
    (
        "store_attributes",
        "select * replace (INCOME * {number} as INCOME) from '{file}'",
    ),
]
