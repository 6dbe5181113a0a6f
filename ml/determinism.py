"""Same numbers whatever the number of threads."""

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

P = ParamSpec("P")
R = TypeVar("R")

# Held by the fit that runs. See `single_threaded`.
ONE_FIT = threading.RLock()


def single_threaded(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` with one BLAS and OpenMP thread.

    Threads add partial sums in the order in which they finish, and floating-point
    addition is not associative: with more than one, the same input can give another
    last digit, and a store on a border another cluster.

    The limit stays in force afterwards: the fit that ends first must not lift it for
    another one.

    One fit runs at a time in a process, others wait. scikit-learn empties the list of
    warning filters for a moment with every tree of a forest and every step of a
    column transformer, and that list belongs to all threads: another thread sees it
    empty, warns of every tree, and may leave it empty for good. Nothing is lost by
    waiting: fits hold the interpreter's lock for nearly all of their time.
    """

    @functools.wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with ONE_FIT:
            threadpool_limits(limits=1)
            return function(*args, **kwargs)

    return limited
