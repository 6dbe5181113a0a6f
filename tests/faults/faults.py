"""Faults: kills, damaged files, full disks, others at the same time, odd input.

Each function breaks a copy of a good data folder, goes on as a user would, and returns
whether everything was well; what must not be is counted in the tally.
"""

import os
import random
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import duckdb

from clustering.core.paths import Paths
from clustering.store.integrity import FILE
from clustering.store.publish import publish
from clustering.store.runs import DATABASE, current_run, live_version
from clustering.store.versions import find_waiting, read_versions
from tests.conftest import copy_data
from tests.faults.ground import (
    PARAMS,
    Ground,
    Tally,
    left_behind,
    look_as_reader,
    may_publish,
    name_of_next,
)


def kill(
    ground: Ground, dice: random.Random, tally: Tally, *, verb: str, seconds: float
) -> bool:
    """Kill a command at a random moment; then run it again."""
    output = ground.paths.data / "exports"
    arguments: list[str | Path] = [verb]
    if verb == "run":
        arguments += ["--raw", ground.raw, *PARAMS, "--force"]
    if verb == "publish":
        may_publish(ground)
    if verb == "approve":
        arguments += [stage(ground), "--by", "anna"]
    if verb == "export":
        arguments += ["--output", output]
    if verb == "repair":
        break_file(dice, live_version(ground.paths.published).folder)
    hit = ground.start(*arguments)
    time.sleep(dice.uniform(0, seconds))
    hit.process.kill()
    hit.wait(tally)
    if verb == "run":  # a run that was killed after it went live is the next version
        live = live_version(ground.paths.published)
        ground.may.add(live.name if live else "")
    whole = verb == "repair" or look_as_reader(ground, tally)
    ground.run("status", tally=tally)
    again = ground.run(*arguments, tally=tally)
    if verb == "run":
        ground.may.add(live_version(ground.paths.published).name)
    left = left_behind(ground.paths.published) + left_behind(output)
    return whole and look_as_reader(ground, tally) and again == 0 and not left


def stage(ground: Ground) -> str:
    """Publish the next version, so that it waits for a person; return its name."""
    may_publish(ground)
    run = publish(ground.paths.warehouse, ground.paths.published, automatic=False)
    return run.name


def break_file(dice: random.Random, folder: Path) -> None:
    """Damage one file of a version."""
    file = dice.choice(sorted(folder.glob("*.parquet")))
    dice.choice([cut, empty, flip, missing])(file, dice)


def cut(file: Path, dice: random.Random) -> None:
    """Cut a file off somewhere."""
    os.truncate(file, dice.randrange(1, file.stat().st_size))


def empty(file: Path, _: random.Random) -> None:
    """Leave nothing in a file."""
    os.truncate(file, 0)


def flip(file: Path, dice: random.Random) -> None:
    """Change some bytes somewhere."""
    content = bytearray(file.read_bytes())
    place = dice.randrange(len(content))
    for at in range(place, min(place + 16, len(content))):
        content[at] ^= 0xFF
    file.write_bytes(content)


def missing(file: Path, _: random.Random) -> None:
    """Remove a file."""
    file.unlink()


def newer(file: Path, _: random.Random) -> None:
    """Write what a version of years ahead may write."""
    file.write_bytes(b"of a version that does not exist yet\0" * 300)


WAYS = (cut, empty, flip, missing, newer)


def state_files(ground: Ground) -> list[Path]:
    """Return the files that hold state, one of each kind."""
    paths = ground.paths
    live, run = live_version(paths.published), current_run(paths.published)
    return [
        paths.registry,
        paths.warehouse,
        live.folder / DATABASE,
        live.folder / "store_clusters.parquet",
        live.folder / "cluster_history.parquet",
        live.folder / "cluster_versions.parquet",
        live.folder / FILE,
        run.folder / DATABASE,
        run.folder / "cluster_summary.parquet",
        run.folder / FILE,
    ]


def corrupt(ground: Ground, dice: random.Random, tally: Tally) -> bool:
    """Damage one state file in one way; then repair and publish."""
    place = tally.tried - 1  # each file in each way, in turn
    files = state_files(ground)
    file = files[place % len(files)]
    WAYS[(place + place // len(files)) % len(WAYS)](file, dice)
    ground.run("status", tally=tally)
    ground.run("show", tally=tally)
    repaired = ground.run("repair", tally=tally)
    whole = look_as_reader(ground, tally)
    may_be_built = ground.paths.warehouse.exists()
    if may_be_built and file != ground.paths.registry:
        may_publish(ground)
        published = ground.run("publish", tally=tally)
    else:  # built anew by the next run, which the campaign of kills does
        published = 0
    return whole and look_as_reader(ground, tally) and repaired == published == 0


def fill_disk(ground: Ground, dice: random.Random, tally: Tally) -> bool:
    """Publish where there is too little room; then where there is enough."""
    may_publish(ground)
    with little_room(ground, dice) as (limited, options):
        limited.may = ground.may
        code = limited.run("publish", tally=tally, **options)
        whole = look_as_reader(limited, tally)
        limited.run("status", tally=tally, **options)
        whole = whole and look_as_reader(limited, tally)
        if not options:
            enlarge(limited.paths.data)
        again = limited.run("publish", tally=tally)
        left = left_behind(limited.paths.published)
        is_next = live_version(limited.paths.published).name == name_of_next(limited)
        return whole and code in (0, 1, 4) and again == 0 and is_next and not left


@contextmanager
def little_room(
    ground: Ground, dice: random.Random
) -> Iterator[tuple[Ground, dict[str, dict[int, int]]]]:
    """Move the data to a file system that is nearly full; without root, limit files."""
    used = sum(f.stat().st_size for f in ground.paths.data.rglob("*") if f.is_file())
    room = int(dice.uniform(0, 8_000_000))
    if os.geteuid():
        yield ground, {"limits": {resource.RLIMIT_FSIZE: room // 8}}
        return
    folder = Path(tempfile.mkdtemp(prefix="full-"))
    blocks = sum(1 for _ in ground.paths.data.rglob("*")) * 4096
    size = used + blocks + room
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    subprocess.run(mounted, check=True)
    try:
        yield Ground(Paths(copy_data(ground.paths.data, folder)), ground.raw, set()), {}
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


def enlarge(folder: Path) -> None:
    """Give a file system in memory room enough."""
    subprocess.run(["mount", "-o", "remount,size=500m", str(folder)], check=True)


def compete(ground: Ground, dice: random.Random, tally: Tally) -> bool:
    """Start three publishers and approvers at once; each succeeds or says why not."""
    may_publish(ground)
    first = live_version(ground.paths.published).name
    verbs = [["publish"], ["approve", first, "--by", "anna"], ["publish"]]
    dice.shuffle(verbs)
    started = []
    for verb in verbs:
        started.append(ground.start(*verb))
        time.sleep(dice.uniform(0, 0.5))
    codes = [one.wait(tally) for one in started]
    left = left_behind(ground.paths.published)
    return look_as_reader(ground, tally) and codes == [0, 0, 0] and not left


def build_twice(ground: Ground, dice: random.Random, tally: Tally) -> bool:
    """Start a second run while one is under way: it stops at once."""
    arguments = ["run", "--raw", ground.raw, *PARAMS, "--force"]
    first = ground.start(*arguments)
    time.sleep(3 + dice.uniform(0, 2))
    began = time.monotonic()
    second = ground.start(*arguments)
    code = second.wait(tally)
    seconds = time.monotonic() - began
    is_refused = code == 4 and "--wait" in second.said and seconds < 60
    ended = first.wait(tally)
    ground.may.add(live_version(ground.paths.published).name)
    return look_as_reader(ground, tally) and is_refused and ended == 0


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
