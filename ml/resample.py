"""Subsamples of rows: what is found again in most of them is no accident."""

from collections.abc import Iterator

import numpy as np

# Share of the rows in each subsample, and the most rows that it needs: more tell
# hardly more, and take longer (Hennig 2007; von Luxburg 2010, Found. Trends ML 2).
SHARE = 0.8
MOST_ROWS = 1000

# Starts of k-means in each: what needs more to be found again is not stable.
STARTS = 2


def subsamples(n: int, *, count: int, random_state: int) -> Iterator[np.ndarray]:
    """Yield ``count`` random subsets of the row numbers 0 to n - 1, sorted.

    Examples
    --------
    >>> [len(rows) for rows in subsamples(50, count=2, random_state=0)]
    [40, 40]
    """
    rng = np.random.default_rng(random_state)
    size = min(round(SHARE * n), MOST_ROWS)
    for _ in range(count):
        yield np.sort(rng.choice(n, size=size, replace=False))
