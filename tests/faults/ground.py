"""A data folder to break, the commands that run on it, and what readers find there."""

import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from clustering.core.paths import Paths
from clustering.store.facts import read_run
from clustering.store.integrity import find_damaged
from clustering.store.registry import Registry
from clustering.store.runs import PublishedRun, live_version, run_name
from clustering.store.warehouse import open_warehouse
from tests.conftest import copy_data, run_environment, write_small_sample
from tests.forked import BIN, start_forked
from tests.store.builds import build_again

# Of the small sample, to be built fast.
SIZE = {"categories": 2, "weeks": 8, "skus": 40, "seed": 1}
QUICK = ("bootstrap_resamples=2", "stability_resamples=2", "max_clusters=3")
PARAMS = [text for one in QUICK for text in ("--param", one)]
# Seconds after which a command hangs: many times what it takes on a busy machine.
PATIENCE = 1200
LATER = "b" * 32
TRACEBACK = "Traceback (most recent call last)"


@dataclass
class Tally:
    """What came of the faults of one campaign."""

    name: str
    tried: int = 0
    survived: int = 0
    lost: int = 0
    mixed: int = 0
    hung: int = 0
    tracebacks: int = 0
    problems: list[str] = field(default_factory=list)
    sizes: list[dict[str, float]] = field(default_factory=list)

    def count(self, kind: str, problem: str) -> None:
        """Count what must not be."""
        setattr(self, kind, getattr(self, kind) + 1)
        self.problems.append(f"{self.name} {self.tried}: {kind}: {problem}")

    @property
    def row(self) -> str:
        """Its line in the table."""
        counts = (self.tried, self.survived, self.lost, self.mixed, self.hung)
        cells = [self.name, *map(str, (*counts, self.tracebacks))]
        return f"| {' | '.join(cells)} |"


class HungError(Exception):
    """A command did not end in time."""


@dataclass
class Ground:
    """A data folder to break, and what readers may have there.

    Parameters
    ----------
    paths : Paths
        Where it is.
    raw : Path
        The input that it was built from.
    may : set of str
        Names of runs that may be live.
    """

    paths: Paths
    raw: Path
    may: set[str]

    def start(
        self,
        *arguments: str | Path,
        limits: Mapping[int, int] | None = None,
        through: Sequence[str] = (),
        **variables: str,
    ) -> "Command":
        """Start the command `clustering` on it."""
        return Command(self, list(map(str, arguments)), variables, limits, through)

    def run(self, *arguments: str | Path, tally: Tally, **options: object) -> int:
        """Run a command to its end, and return its exit code."""
        return self.start(*arguments, **options).wait(tally)


class Command:
    """A command that runs.

    Attributes
    ----------
    said : str
        What it printed, once it ended.
    peak : int
        The most memory that it had, in kB.
    """

    said, peak = "", 0

    def __init__(
        self,
        ground: Ground,
        arguments: list[str],
        variables: dict[str, str],
        limits: Mapping[int, int] | None,
        through: Sequence[str],
    ) -> None:
        self.arguments = arguments
        self.folder = Path(tempfile.mkdtemp(prefix="command-"))
        self.outputs = self.folder / "stdout", self.folder / "stderr"
        self.process = start_forked(
            [str(BIN / "clustering"), *arguments],
            env=run_environment(ground.paths.data, **variables),
            cwd=Path.cwd(),
            outputs=self.outputs,
            limits=limits,
            through=through,
        )

    def wait(self, tally: Tally) -> int:
        """Wait for its end, and return its exit code; note a traceback."""
        end = time.monotonic() + PATIENCE
        while self.process.exitcode is None and time.monotonic() < end:
            self.peak = read_peak(self.process.pid) or self.peak
            self.process.join(0.2)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
            tally.count("hung", " ".join(self.arguments))
            raise HungError
        self.said = "".join(file.read_text() for file in self.outputs if file.exists())
        if TRACEBACK in self.said:
            tally.count("tracebacks", f"{self.arguments}: {self.said[-500:]}")
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.process.exitcode


def read_peak(process: int | None) -> int:
    """Return the most memory that a process had, in kB; 0 if it has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) if found else 0


def look_as_reader(ground: Ground, tally: Tally) -> bool:
    """Whether readers have one whole version that may be live; count what is not so."""
    live = live_version(ground.paths.published)
    if live is None or live.name not in ground.may:
        tally.count("lost", f"live is {live.name if live else None}")
        return False
    try:
        problem = find_mixture(live)
    except (duckdb.Error, OSError) as error:
        problem = str(error)
    if problem:
        tally.count("mixed", problem)
    return problem is None


def find_mixture(live: PublishedRun) -> str | None:
    """Return what in the files of a version is not of one run, or does not add up."""
    if damaged := find_damaged(live.folder):
        return f"damaged: {damaged}"
    runs = set()
    with duckdb.connect(str(live.database), read_only=True) as connection:
        for file in sorted(live.folder.glob("*.parquet")):
            rows = connection.read_parquet(str(file))
            [(here,)] = rows.count("*").fetchall()
            [(there,)] = connection.table(file.stem).count("*").fetchall()
            if here != there:
                return f"{file.stem}: {here} rows as Parquet, {there} in the database"
            if "run_id" in rows.columns and file.stem in ("run", "store_clusters"):
                runs.update(rows.project("run_id").distinct().fetchall())
        [(wrong,)] = connection.execute(
            "select count(*) from input_reconciliation"
            " where rows_read <> rows_used + rows_quarantined"
        ).fetchall()
    return None if len(runs) == 1 and not wrong else f"runs {runs}, {wrong} sums wrong"


def left_behind(folder: Path) -> list[str]:
    """Return temporary files and folders below a folder."""
    return [str(file) for file in folder.rglob(".*") if file.name != ".lock"]


@contextmanager
def copied(good: Ground) -> Iterator[Ground]:
    """Copy a good data folder, and remove it in the end."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        data = copy_data(good.paths.data, folder / "data")
        yield Ground(Paths(data), good.raw, set(good.may))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_ground(folder: Path) -> Ground:
    """Return what is built in a folder; build it where nothing is."""
    paths = Paths(folder / "data")
    live = live_version(paths.published)
    if live is None:
        return make_ground(folder, Tally("ground"))
    return Ground(paths, folder / "raw", {live.name})


def make_ground(folder: Path, tally: Tally) -> Ground:
    """Build and publish a first version; a second one is built and waits.

    Raises
    ------
    RuntimeError
        If that fails: then nothing can be broken.
    """
    raw = folder / "raw"
    write_small_sample(raw, **SIZE)
    ground = Ground(Paths(folder / "data"), raw, set())
    first = ground.start("run", "--raw", raw, *PARAMS)
    if first.wait(tally):
        raise RuntimeError(first.said)
    return ready(ground)


def ready(ground: Ground) -> Ground:
    """Build a second version on a first one that is live."""
    live = live_version(ground.paths.published)
    if live is None:
        raise RuntimeError(f"nothing is live in {ground.paths.published}")
    build_again(ground.paths, LATER, days=1)
    return Ground(ground.paths, ground.raw, {live.name})


def may_publish(ground: Ground) -> None:
    """Let the version that is built go live as well."""
    ground.may.add(name_of_next(ground))


def name_of_next(ground: Ground) -> str:
    """Return the name that the version will have that is built."""
    registry = Registry(ground.paths.registry)
    with open_warehouse(ground.paths.warehouse, registry) as opened:
        run_id, built_at = read_run(opened)
    return run_name(run_id, built_at=built_at)
