"""What share of its sales a store makes in each need state."""

from dataclasses import dataclass

import numpy as np

from clustering.sample.blend import blend

PREFERRED_MASS = 0.6
OUTLIER_MASS = 0.93
BIGGEST_GROUP = 2
LIKENESS = 200.0


@dataclass(frozen=True, kw_only=True)
class Profiles:
    """Need-state shares per segment, and the need states none prefers.

    Each segment prefers need states of its own, as many as the others do and
    with the same mass: all pairs of segments are about equally far apart.
    """

    shares: np.ndarray
    neutral: np.ndarray


def draw_profiles(
    *, need_states: int, segments: int, separation: float, rng: np.random.Generator
) -> Profiles:
    """Return the preference profiles of a category's segments.

    A separation of 0 gives all of them one and the same profile.

    Examples
    --------
    >>> drawn = draw_profiles(
    ...     need_states=8, segments=3, separation=1.0, rng=np.random.default_rng(1)
    ... )
    >>> drawn.shares.shape, drawn.neutral.shape
    ((3, 8), (2,))
    """
    group = min(BIGGEST_GROUP, (need_states - 1) // segments)
    order = rng.permutation(need_states)
    owner = np.full(need_states, -1)
    owner[order[: group * segments]] = np.repeat(np.arange(segments), group)
    liked = owner == np.arange(segments)[:, None]
    appeal = rng.uniform(0.8, 1.2, need_states)
    shares = _weigh(appeal, liked=liked, mass=PREFERRED_MASS)
    even = appeal / appeal.sum()
    return Profiles(
        shares=blend(shares, plain=even, part=separation),
        neutral=np.flatnonzero(owner < 0),
    )


def draw_shares(
    profiles: Profiles,
    *,
    segment: np.ndarray,
    is_outlier: np.ndarray,
    noise: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return need-state shares per store: its segment's, with Dirichlet noise.

    Twice the noise is twice the standard deviation of each share.
    """
    expected = draw_outliers(profiles, segment=segment, is_outlier=is_outlier, rng=rng)
    drawn = rng.standard_gamma(expected * LIKENESS / noise**2)
    return drawn / drawn.sum(axis=1, keepdims=True)


def draw_outliers(
    profiles: Profiles,
    *,
    segment: np.ndarray,
    is_outlier: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the shares that each store is expected to have.

    They are its segment's; but an outlier makes nearly all its sales in one need state
    that no segment prefers.
    """
    expected = profiles.shares[segment]
    odd = rng.choice(profiles.neutral, size=is_outlier.sum())
    liked = odd[:, None] == np.arange(expected.shape[1])
    expected[is_outlier] = _weigh(
        np.ones(expected.shape[1]), liked=liked, mass=OUTLIER_MASS
    )
    return expected


def _weigh(appeal: np.ndarray, *, liked: np.ndarray, mass: float) -> np.ndarray:
    inside = np.where(liked, appeal, 0)
    outside = np.where(liked, 0, appeal)
    return mass * _normalise(inside) + (1 - mass) * _normalise(outside)


def _normalise(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum(axis=1, keepdims=True)
