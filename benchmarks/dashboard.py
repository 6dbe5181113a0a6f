"""How fast the dashboard is, in a real browser, at 5,000 stores x 100 categories.

    python -m benchmarks.dashboard --published data/published

Takes the newest two runs that are kept there, repeats their stores and categories until
there are so many, and opens each page: the time until it is complete, in a browser that
has never seen it, and after a choice is made.
"""

import argparse
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import duckdb
from rich.console import Console
from rich.table import Table

from clustering.dashboard.views import SECTIONS
from clustering.store.runs import CURRENT, RUNS, PublishedRun, current_run, kept_runs
from clustering.store.versions import APPROVED, POLICY, Decision, add_decisions
from tests.dashboard.browser import HEIGHT, WIDTH, Visitor, browse, serve

STORES, CATEGORIES = 5_000, 100
REPEATS = 3
# Seconds, that a page and a choice may take.
FIRST_PAINT, INTERACTION = 3.0, 1.0


@dataclass(frozen=True)
class Timing:
    """Seconds that one thing took, each time: by the clock, and of computing."""

    page: str
    what: str
    seconds: list[float]
    computing: list[float]
    limit: float

    @property
    def median(self) -> float:
        """Return the middle one by the clock."""
        return median(self.seconds)


def main() -> None:
    """Repeat, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--published", type=Path, required=True)
    parser.add_argument("--stores", type=int, default=STORES)
    parser.add_argument("--categories", type=int, default=CATEGORIES)
    parser.add_argument("--only", help="a page, by its title")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    arguments = parser.parse_args()
    if current_run(arguments.published) is None:
        parser.error(f"nothing is published in {arguments.published}")
    console = Console(width=110)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        size = multiply(
            arguments.published,
            data,
            stores=arguments.stores,
            categories=arguments.categories,
        )
        console.print(f"{size} ({data})", highlight=False)
        before = waiting()
        timings = measure(data, repeats=arguments.repeats, only=arguments.only)
        after = waiting()
    console.print(_table(timings))
    console.print(
        "A second of computing took"
        f" {before:.1f} s before and {after:.1f} s after: 1.0 s on a machine at rest."
    )


def waiting() -> float:
    """Return the seconds in which this process gets one second of a core."""
    start, used = time.perf_counter(), time.process_time()
    while time.process_time() - used < 1:
        sum(range(10_000))
    return time.perf_counter() - start


def multiply(published: Path, data: Path, *, stores: int, categories: int) -> str:
    """Publish the newest two runs in ``data``, with stores and categories repeated.

    Some pages compare a run with the one before.

    Returns
    -------
    str
        How large the newest is.
    """
    runs = kept_runs(published)[:2]
    there = runs[0].read(SIZE).iloc[0]
    times = {
        "store_id": math.ceil(stores / there["stores"]),
        "category": math.ceil(categories / there["categories"]),
    }
    target = data / "published"
    for run in runs:
        _multiply_run(run, target / RUNS / run.name, times=times)
    (target / CURRENT).symlink_to(Path(RUNS) / runs[0].name)
    add_decisions(target, (_approved(run) for run in reversed(runs)))
    size = PublishedRun(target / CURRENT).read(SIZE).iloc[0]
    return (
        f"{size['stores']:,} stores, {size['categories']} categories,"
        f" {size['rows']:,} rows of store_clusters, {len(runs)} run(s)"
    )


def _approved(run: PublishedRun) -> Decision:
    return Decision(run.name, APPROVED, run.built_at, POLICY)


def _multiply_run(run: PublishedRun, folder: Path, *, times: dict[str, int]) -> None:
    folder.mkdir(parents=True)
    with duckdb.connect(str(PublishedRun(folder).database)) as connection:
        connection.execute(f"attach '{run.database}' as source (read_only)")
        for table, columns in connection.execute(TABLES).fetchall():
            copied = {one: times[one] for one in times if one in columns}
            connection.execute(_copies(table, copied))


SIZE = """
    select
        count(distinct store_id) as stores,
        count(distinct category) as categories,
        count(*) as rows
    from store_clusters
"""
TABLES = """
    select table_name, list(column_name)
    from duckdb_columns()
    where database_name = 'source'
    group by table_name
"""


def _copies(table: str, times: dict[str, int]) -> str:
    """Return SQL that copies a table, as often as ``times`` has it for its columns.

    The number of the copy comes first: what is next in a list is no copy of it.
    """
    if not times:
        return f"create table main.{table} as select * from source.{table}"
    numbers = ", ".join(f"{one}_copy" for one in times)
    names = ", ".join(
        f"if({one}_copy = 0, '', {one}_copy || ' ') || {one} as {one}" for one in times
    )
    ranges = " ".join(
        f"cross join range({count}) as {one}_copies({one}_copy)"
        for one, count in times.items()
    )
    return (
        f"create table main.{table} as"
        f" select * exclude ({numbers}) replace ({names}) from source.{table} {ranges}"
    )


def measure(
    data: Path, *, repeats: int = REPEATS, only: str | None = None
) -> list[Timing]:
    """Time each page, and what can be chosen on it."""
    with serve(data) as url, browse() as browser:

        def visit() -> Visitor:
            context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
            return Visitor(context.new_page(), url)

        # imports of the server's first answer are no reader's
        visit().open()
        return [
            timing
            for page, path in PAGES.items()
            if only in (None, page)
            for timing in _measure_page(visit, page, path, repeats=repeats)
        ]


def _measure_page(
    visit: Callable[[], Visitor], page: str, path: str, *, repeats: int
) -> Iterator[Timing]:
    taken: dict[str, list[tuple[float, float]]] = {}
    for place in range(1, repeats + 1):
        visitor = visit()
        before = computing()
        visitor.open(path)
        _note(taken, "first paint", visitor, before)
        for label in visitor.choices:
            # the page has this option for the first time, so no answer is kept
            before = computing()
            visitor.choose_nth(label, place)
            _note(taken, f"choose {label}", visitor, before)
        visitor.page.context.close()
    for what, pairs in taken.items():
        seconds, used = map(list, zip(*pairs, strict=True))
        limit = FIRST_PAINT if what == "first paint" else INTERACTION
        yield Timing(page, what, seconds, used, limit)


def _note(
    taken: dict[str, list[tuple[float, float]]],
    what: str,
    visitor: Visitor,
    before: float,
) -> None:
    pair = (visitor.seconds, computing() - before)
    taken.setdefault(what, []).append(pair)


def computing() -> float:
    """Return the seconds of computing so far of the server and the browser.

    Unlike the clock, it hardly depends on what else the machine does.
    """
    parents, used = {}, {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            # the name, in brackets, may have spaces
            state = file.read_text().rpartition(")")[2].split()
            process = int(file.parent.name)
            parents[process] = int(state[1])
            used[process] = int(state[11]) + int(state[12])
    ours = {os.getpid()}
    while more := {one for one, parent in parents.items() if parent in ours} - ours:
        ours |= more
    ticks = sum(used[one] for one in ours - {os.getpid()})
    return ticks / os.sysconf("SC_CLK_TCK")


def _table(timings: list[Timing]) -> Table:
    table = Table("page", "what", "median s", "slowest s", "limit s", "computing s")
    for timing in timings:
        table.add_row(
            timing.page,
            timing.what,
            f"{timing.median:.2f}",
            f"{max(timing.seconds):.2f}",
            f"{timing.limit:.0f}",
            f"{median(timing.computing):.2f}",
        )
    return table


# The pages, and their addresses; the first one's is that of the dashboard itself.
PAGES = {view.title: view.path for views in SECTIONS.values() for view in views}
PAGES[next(iter(PAGES))] = ""


if __name__ == "__main__":
    main()
