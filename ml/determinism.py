"""Same numbers whatever the number of threads."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

P = ParamSpec("P")
R = TypeVar("R")


def single_threaded(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` with one BLAS and OpenMP thread.

    Threads add partial sums in the order in which they finish, and floating-point
    addition is not associative: with more than one, the same input can give another
    last digit, and a store on a border another cluster.

    The limit stays in force afterwards: two models may run side by side in one
    process, and the one that ends first must not lift it for the other.
    """

    @functools.wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        threadpool_limits(limits=1)
        return function(*args, **kwargs)

    return limited
