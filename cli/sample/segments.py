"""Segments of unequal size, none of them small."""

import numpy as np

SMALLEST_SHARE = 0.13
EVENNESS = 4.0


def draw_segments(
    *, stores: int, segments: int, rng: np.random.Generator
) -> np.ndarray:
    """Return a segment per store, 0 to segments - 1, in random order.

    Examples
    --------
    >>> drawn = draw_segments(
    ...     stores=100, segments=3, rng=np.random.default_rng(1)
    ... )
    >>> bool(np.bincount(drawn).min() >= 12)
    True
    """
    spare = 1 - SMALLEST_SHARE * segments
    shares = SMALLEST_SHARE + spare * rng.dirichlet(np.full(segments, EVENNESS))
    ends = np.round(np.cumsum(shares)[:-1] * stores)
    ordered = np.searchsorted(ends, np.arange(stores), side="right")
    return rng.permutation(ordered)
