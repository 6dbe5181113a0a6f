"""Fit categories side by side, in processes: a fit holds the interpreter's lock."""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Sequence

import joblib  # noqa: F401 - whole before its part: two threads may import at once
import pandas as pd
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from ml.settings import Group

# Stores, over all categories, from which processes save more time than they take to
# start: about two seconds each.
ENOUGH_ROWS = 1000
# Processes that are idle for so long end.
IDLE_SECONDS = 60


def fit_categories(
    fit: Callable[..., pd.DataFrame],
    frames: Sequence[pd.DataFrame],
    settings: Group,
    *,
    jobs: int,
    **options: str,
) -> pd.DataFrame:
    """Call ``fit(*frames, settings, **options)``, each category in a process.

    Parameters
    ----------
    fit : callable
        A function of this package that fits category by category, and takes nothing
        else into account than the rows of the category, and those of none.
    frames : sequence of DataFrame
        With the column category, null where a row holds in every category; the first
        has the rows to fit.
    settings : Group
    jobs : int
        Most processes at a time; 1 stays in this one.
    **options
        What else ``fit`` takes.

    Returns
    -------
    DataFrame
        The rows that one call for all of them gives, to the last bit, sorted by
        category.

    Raises
    ------
    MemoryError
        If a process was killed.
    """
    rows = frames[0]
    sizes = rows["category"].value_counts()
    # a daemon, as a worker of Celery is, may have no processes of its own
    may_start = jobs > 1 and not multiprocessing.current_process().daemon
    if not may_start or len(sizes) < 2 or len(rows) < ENOUGH_ROWS:
        return fit(*frames, settings, **options)
    pool = get_reusable_executor(
        jobs, timeout=IDLE_SECONDS, initializer=_end_with, initargs=(os.getpid(),)
    )
    # the largest first: it is what the others would wait for
    waiting = {
        category: pool.submit(fit, *_only(frames, category), settings, **options)
        for category in sizes.index
    }
    try:
        fitted = [waiting[category].result() for category in sorted(waiting)]
    except TerminatedWorkerError:
        raise MemoryError(
            "a process that fits stores was killed, as happens where memory runs out;"
            " run with fewer threads of DuckDB, or with --memory-optimized"
        ) from None
    return pd.concat(fitted, ignore_index=True)


def _end_with(parent: int) -> None:
    """Let this process end soon after its parent, which may have been killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _only(frames: Sequence[pd.DataFrame], category: str) -> list[pd.DataFrame]:
    """Return the rows of a category, and those that hold in every category."""
    return [
        frame[frame["category"].isna() | (frame["category"] == category)]
        for frame in frames
    ]
