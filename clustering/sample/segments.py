"""Planted segments: how many stores each has, and how far apart they are."""

import numpy as np

SMALLEST_SHARE = 0.13
EVENNESS = 4.0
SMALL_SHARES = (0.05, 0.15)


def draw_segments(
    *, stores: int, segments: int, imbalance: float, rng: np.random.Generator
) -> np.ndarray:
    """Return a segment per store, 0 to segments - 1, in random order.

    The higher the imbalance, 0 to 1, the more stores segment 0 has.

    Examples
    --------
    >>> drawn = draw_segments(
    ...     stores=100, segments=3, imbalance=0.0, rng=np.random.default_rng(1)
    ... )
    >>> bool(np.bincount(drawn).min() >= 12)
    True
    >>> drawn = draw_segments(
    ...     stores=100, segments=3, imbalance=1.0, rng=np.random.default_rng(1)
    ... )
    >>> np.bincount(drawn).tolist()
    [80, 15, 5]
    """
    spare = 1 - SMALLEST_SHARE * segments
    shares = SMALLEST_SHARE + spare * rng.dirichlet(np.full(segments, EVENNESS))
    shares = blend(shares, plain=_one_big(segments), part=1 - imbalance)
    ends = np.round(np.cumsum(shares)[:-1] * stores)
    ordered = np.searchsorted(ends, np.arange(stores), side="right")
    return rng.permutation(ordered)


def _one_big(segments: int) -> np.ndarray:
    """Return a share per segment: the first has what the small ones leave."""
    small = np.linspace(*SMALL_SHARES[::-1], segments - 1)
    return np.append(1 - small.sum(), small)


def blend(
    planted: np.ndarray | float, *, plain: np.ndarray | float, part: float
) -> np.ndarray:
    """Return ``part`` of what is planted, the rest of what is plain.

    A part of 1 gives exactly what is planted, 0 exactly what is plain.

    Examples
    --------
    >>> blend(np.array([0.6, 0.4]), plain=0.5, part=0.5).tolist()
    [0.55, 0.45]
    """
    return np.asarray(part * planted + (1 - part) * plain)
