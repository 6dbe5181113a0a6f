"""Break the pipeline on purpose, and count what readers lose: `make faults`.

    python -m tests.faults.campaigns [--size small|full] [--seed 1] [--minutes 90]
        [--ground FOLDER] [--only NAME ...]

Each campaign repeats one kind of fault at moments, places and sizes that its seed
draws, on copies of a data folder that is good. After each fault the live version is
read as a reader does, and the command that was hit runs again. What is counted:

tried
    Faults.
survived
    The live version was whole, one of those that it may be, and the next command
    succeeded, with nothing left behind.
lost
    Readers had no live version, or one that is neither that of before nor the next.
mixed
    Readers had files of two versions, half a file, or rows that do not add up.
hung
    A command did not end within its time.
tracebacks
    A command printed one.
"""

import argparse
import contextlib
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tests.faults.faults import build_twice, compete, corrupt, kill
from tests.faults.ground import Ground, HungError, Tally, copied, find_ground
from tests.faults.machine import be_two, fill_disk, lack_memory, turn_clock
from tests.faults.postgres import lose_postgres
from tests.faults.refreshes import refresh


class Campaign:
    """One kind of fault, tried as often as a size says.

    Parameters
    ----------
    name : str
        Of its line in the table.
    sizes : tuple of int
        How often: in `make test`, and in `make faults`.
    attempt : callable
        Takes a copy of the good ground, a generator of random numbers and the tally,
        and returns whether everything was well.
    """

    def __init__(
        self,
        name: str,
        sizes: tuple[int, int],
        attempt: Callable[[Ground, random.Random, Tally], bool],
    ) -> None:
        self.name, self.sizes, self.attempt = name, sizes, attempt

    def run(
        self, good: Ground, *, size: int, seed: int, seconds: float = math.inf
    ) -> Tally:
        """Try it, each time on a new copy, until its time is over."""
        tally, end = Tally(self.name), time.monotonic() + seconds
        for place in range(self.sizes[size]):
            if place and time.monotonic() > end:
                break
            with copied(good) as ground:
                self._try(ground, tally, seed=seed)
        return tally

    def _try(self, ground: Ground, tally: Tally, *, seed: int) -> None:
        """Try it once, and print on the way what came of all so far."""
        dice = random.Random(f"{self.name} {seed} {tally.tried}")
        tally.tried += 1
        with contextlib.suppress(HungError):
            tally.survived += self.attempt(ground, dice, tally)
        print(tally.row, *tally.sizes[-1:], file=sys.stderr, flush=True)  # noqa: T201


class Chain(Campaign):
    """What happens again and again, each time to what the time before has left."""

    def run(
        self, good: Ground, *, size: int, seed: int, seconds: float = math.inf
    ) -> Tally:
        """Try it, all on one copy, until its time is over."""
        tally, end = Tally(self.name), time.monotonic() + seconds
        with copied(good) as ground:
            while tally.tried < self.sizes[size] and time.monotonic() < end:
                self._try(ground, tally, seed=seed)
        return tally


# Seconds within which a command is killed: what it takes at most on a busy machine.
CAMPAIGNS = [
    Campaign("kill publish", (2, 60), partial(kill, verb="publish", seconds=2.5)),
    Campaign("kill approve", (1, 50), partial(kill, verb="approve", seconds=2.5)),
    Campaign("kill repair", (1, 40), partial(kill, verb="repair", seconds=2.5)),
    Campaign("kill export", (1, 30), partial(kill, verb="export", seconds=5)),
    Campaign("kill run", (1, 20), partial(kill, verb="run", seconds=20)),
    Campaign("corrupt a state file", (5, 50), corrupt),
    Campaign("disk full", (2, 20), fill_disk),
    Campaign("little memory", (1, 24), lack_memory),
    Campaign("clock back and forth", (0, 8), turn_clock),
    Campaign("two users", (0, 10), be_two),
    Campaign("three publishers at once", (1, 5), compete),
    Campaign("second run", (1, 2), build_twice),
    Campaign("PostgreSQL stopped", (1, 3), partial(lose_postgres, how="stopped")),
    Campaign("PostgreSQL frozen", (1, 3), partial(lose_postgres, how="frozen")),
    Campaign("PostgreSQL restarted", (0, 3), partial(lose_postgres, how="restarted")),
    Chain("random refreshes", (0, 100), refresh),
]
SIZES = ("small", "full")
HEAD = (
    "| campaign | tried | survived | lost | mixed | hung | tracebacks |\n"
    "|---|---|---|---|---|---|---|"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run campaigns, print what came of them, and return how many had a problem."""
    parser = argparse.ArgumentParser(description="Break the pipeline on purpose.")
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[one.name for one in CAMPAIGNS])
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--ground", type=Path, help="a folder that keeps what is built")
    asked = parser.parse_args(arguments)
    began, tallies = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="ground-") as folder:
        good = find_ground(asked.ground or Path(folder))
        print(HEAD, flush=True)  # noqa: T201 a table for people
        wanted = [one for one in CAMPAIGNS if one.name in asked.only]
        size = SIZES.index(asked.size)
        for place, campaign in enumerate(wanted):
            left = asked.minutes * 60 + began - time.monotonic()
            seconds = left / (len(wanted) - place)
            tally = campaign.run(good, size=size, seed=asked.seed, seconds=seconds)
            tallies.append(tally)
            print(tally.row, flush=True)  # noqa: T201
            for problem in tally.problems:
                print(problem, file=sys.stderr, flush=True)  # noqa: T201
    minutes = (time.monotonic() - began) / 60
    print(f"seed {asked.seed}, {minutes:.0f} minutes")  # noqa: T201
    return sum(one.tried != one.survived or bool(one.problems) for one in tallies)


if __name__ == "__main__":
    sys.exit(main())
