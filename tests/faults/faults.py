"""Faults: kills, damaged files, and others at the same time.

Each function breaks a copy of a good data folder, goes on as a user would, and returns
whether everything was well; what must not be is counted in the tally.
"""

import os
import random
import time
from pathlib import Path

from clustering.store.integrity import FILE
from clustering.store.publish import publish
from clustering.store.runs import DATABASE, current_run, live_version
from tests.faults.ground import (
    PARAMS,
    Ground,
    Tally,
    left_behind,
    look_as_reader,
    may_publish,
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
