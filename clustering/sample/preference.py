"""The share of each need state in a store's sales, with plain or lifelike noise."""

from dataclasses import dataclass

import numpy as np

from clustering.sample.segments import blend

# Shares of a plain sample.
PREFERRED_MASS = 0.6
OUTLIER_MASS = 0.93
BIGGEST_GROUP = 2
LIKENESS = 200.0

# A lifelike sample: each need state sells about this part of the next more popular one.
DECLINE = 0.6
# What its own segment makes of a need state's appeal, as a logarithm.
LIKING = 2.2
# Standard deviations of the logarithm: one factor that all need states share in, each
# in its way, such as thrift; and what is a store's own, with the tails of Student's t.
COMMON = 0.5
OWN = 0.35
TAIL_FREEDOM = 5
# A need state that would sell less than this part of an average need state in a store
# of the usual size is not in its range.
LISTED = 0.12
LISTING_SPREAD = 0.5
# Sales of a category by those of a plain sample, at least and at most.
VOLUME = (0.06, 1.0)


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
    liked = _draw_liked(need_states, segments=segments, group=group, rng=rng)
    appeal = rng.uniform(0.8, 1.2, need_states)
    shares = _weigh(appeal, liked=liked, mass=PREFERRED_MASS)
    even = appeal / appeal.sum()
    return Profiles(
        shares=blend(shares, plain=even, part=separation),
        neutral=np.flatnonzero(~liked.any(axis=0)),
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


def draw_lifelike_profiles(
    *, need_states: int, segments: int, separation: float, rng: np.random.Generator
) -> Profiles:
    """Return the appeal of each need state by segment, as shares.

    A segment likes need states of its own, popular or rare, better than others do;
    what of the sales this moves differs between segments.

    Examples
    --------
    >>> drawn = draw_lifelike_profiles(
    ...     need_states=8, segments=3, separation=1.0, rng=np.random.default_rng(1)
    ... )
    >>> drawn.shares.shape, bool(drawn.shares[0].max() > 5 * drawn.shares[0].min())
    ((3, 8), True)
    """
    popularity = rng.permutation(DECLINE ** np.arange(need_states))
    group = (need_states - 1) // segments
    liked = _draw_liked(need_states, segments=segments, group=group, rng=rng)
    appeal = popularity * np.exp(separation * LIKING * liked)
    neutral = np.flatnonzero(~liked.any(axis=0))
    return Profiles(shares=_normalise(appeal), neutral=neutral)


def draw_lifelike_shares(
    profiles: Profiles,
    *,
    segment: np.ndarray,
    is_outlier: np.ndarray,
    size: np.ndarray,
    noise: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return need-state shares per store; 0 where one is not in the store's range.

    Twice the noise is twice the standard deviation of the logarithm of each share.
    """
    expected = draw_outliers(profiles, segment=segment, is_outlier=is_outlier, rng=rng)
    stores, need_states = expected.shape
    loadings = COMMON * rng.standard_normal(need_states)
    common = rng.standard_normal((stores, 1)) * loadings
    own = OWN * rng.standard_t(TAIL_FREEDOM, expected.shape)
    shares = _normalise(expected * np.exp(noise * (common + own)))
    whim = np.exp(LISTING_SPREAD * rng.standard_normal(expected.shape))
    worth = shares * need_states * np.sqrt(size)[:, None] * whim
    listed = (worth > LISTED) | (shares == shares.max(axis=1, keepdims=True))
    return _normalise(np.where(listed, shares, 0.0))


def draw_volume(*, rng: np.random.Generator) -> float:
    """Return a category's sales by those of a plain sample: the fewer, the more chance.

    Examples
    --------
    >>> VOLUME[0] < draw_volume(rng=np.random.default_rng(1)) < VOLUME[1]
    True
    """
    return float(np.exp(rng.uniform(*np.log(VOLUME))))


def _draw_liked(
    need_states: int, *, segments: int, group: int, rng: np.random.Generator
) -> np.ndarray:
    """Return whether each segment (row) prefers each need state, ``group`` of them."""
    order = rng.permutation(need_states)
    owner = np.full(need_states, -1)
    owner[order[: group * segments]] = np.repeat(np.arange(segments), group)
    return owner == np.arange(segments)[:, None]


def _weigh(appeal: np.ndarray, *, liked: np.ndarray, mass: float) -> np.ndarray:
    inside = np.where(liked, appeal, 0)
    outside = np.where(liked, 0, appeal)
    return mass * _normalise(inside) + (1 - mass) * _normalise(outside)


def _normalise(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum(axis=1, keepdims=True)
