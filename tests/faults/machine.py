"""Faults of the machine: little room or memory, a wrong clock, a second user."""

import os
import random
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clustering.core.paths import Paths
from clustering.store.runs import live_version
from tests.conftest import copy_data
from tests.faults.faults import cut, empty, flip, missing
from tests.faults.ground import (
    PARAMS,
    Ground,
    Tally,
    left_behind,
    look_as_reader,
    may_publish,
    name_of_next,
)
from tests.store.builds import build_again


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


def lack_memory(ground: Ground, dice: random.Random, tally: Tally) -> bool:
    """Run a command that may not have much memory; then run it again."""
    may_publish(ground)
    commands: list[list[str | Path]] = [
        ["show"],
        ["status"],
        ["publish"],
        ["repair"],
        ["export", "--output", ground.paths.data / "exports"],
        ["run", "--raw", ground.raw, *PARAMS, "--force"],
    ]
    command = commands[(tally.tried - 1) % len(commands)]
    limits = {resource.RLIMIT_AS: int(dice.uniform(*LITTLE_MEMORY))}
    limited = ground.start(*command, limits=limits)
    code = limited.wait(tally)
    if code > 0 and "memory" not in limited.said:
        tally.problems.append(f"{command[0]} {limits}: {limited.said[-500:]}")
    live = live_version(ground.paths.published)
    if command[0] == "run":
        ground.may.add(live.name if live else "")
    whole = look_as_reader(ground, tally) and ground.paths.warehouse.exists()
    again = ground.run(*command, tally=tally)
    if command[0] == "run":
        ground.may.add(live_version(ground.paths.published).name)
    left = left_behind(ground.paths.published)
    return whole and look_as_reader(ground, tally) and again == 0 and not left


# Bytes of addresses, of which a command that has just begun has most.
LITTLE_MEMORY = (6e8, 1.4e9)


def turn_clock(ground: Ground, dice: random.Random, tally: Tally) -> bool:
    """Publish, approve and run, each by a clock of its own; then by the right one."""
    first = live_version(ground.paths.published).name

    def by_wrong_clock(*verb: str | Path) -> int:
        wrong = f"{dice.randrange(-500, 500):+} days"
        command = ground.start(*verb, through=(*BY_CLOCK, wrong))
        code = command.wait(tally)
        if code:
            tally.problems.append(f"{verb[0]} {wrong}: {command.said[-500:]}")
        return code

    may_publish(ground)
    codes = [by_wrong_clock("publish"), by_wrong_clock("approve", first, "--by", "me")]
    if tally.tried % 4:
        all_moved = "update marts.store_clusters set cluster_id = 1"
        build_again(ground.paths, "c" * 32, days=1, sql=all_moved)
        may_publish(ground)
        codes.append(by_wrong_clock("publish"))
    else:
        codes.append(by_wrong_clock("run", "--raw", ground.raw, *PARAMS, "--force"))
        ground.may.add(live_version(ground.paths.published).name)
    codes.append(by_wrong_clock("status"))
    whole = look_as_reader(ground, tally) and is_in_order(ground)
    codes.append(ground.run("publish", tally=tally))
    is_whole = whole and look_as_reader(ground, tally)
    return is_whole and is_in_order(ground) and not any(codes)


# Of the program that starts another one by a clock of its own.
BY_CLOCK = ("faketime", "-m", "--exclude-monotonic")


def is_in_order(ground: Ground) -> bool:
    """Whether there is a history, and no row of it ends before it begins."""
    rows = live_version(ground.paths.published).read(
        "select count(*) as rows,"
        " count(*) filter (effective_to < effective_from) as backwards"
        " from cluster_history"
    )
    return bool(rows["rows"].iloc[0] and not rows["backwards"].iloc[0])


def be_two(ground: Ground, dice: random.Random, tally: Tally) -> bool:
    """Let a second user, who may only read, try each command; then the owner again."""
    data, output = ground.paths.data, ground.paths.data.parent / "of the second user"
    output.mkdir()
    raw, first = ground.raw, live_version(ground.paths.published).name
    subprocess.run(["chown", "-R", f"{OWNER}:{OWNER}", str(data)], check=True)
    subprocess.run(["chmod", "-R", "go=rX", str(data)], check=True)
    writing: list[list[str | Path]] = [
        ["publish"],
        ["approve", first, "--by", "berta"],
        ["reject", first, "--by", "berta"],
        ["run", "--raw", raw, *PARAMS, "--force"],
        ["repair"],
    ]
    if dice.random() < HALF:
        damage = dice.choice([cut, empty, flip, missing])
        damage(live_version(ground.paths.published).folder / "run.parquet", dice)
    reading: list[list[str | Path]] = [
        ["status"],
        ["show"],
        ["export", "--output", output],
    ]
    before = sorted((file, file.lstat().st_mtime_ns) for file in data.rglob("*"))
    dice.shuffle(writing)
    refused = [ground.run(*one, tally=tally, through=AS_ANOTHER) for one in writing]
    read = [ground.run(*one, tally=tally, through=AS_ANOTHER) for one in reading]
    after = sorted((file, file.lstat().st_mtime_ns) for file in data.rglob("*"))
    if 0 in refused or any(read) or before != after:
        tally.problems.append(f"two users: {writing} {refused}, {reading} {read}")
    ground.run("repair", tally=tally)
    may_publish(ground)
    again = ground.run("publish", tally=tally)
    return look_as_reader(ground, tally) and again == 0 and before == after


# Root without its rights: it may write only what is its own, and reads what all may.
AS_ANOTHER = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
OWNER, HALF = 64001, 0.5
