"""Shares as of real stores: few need states sell, ranges are local, noise is heavy."""

import numpy as np

from clustering.sample.preference import Profiles, draw_outliers

# Each need state sells about this part of the next more popular one.
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
    order = rng.permutation(need_states)
    owner = np.full(need_states, -1)
    owner[order[: group * segments]] = np.repeat(np.arange(segments), group)
    liked = owner == np.arange(segments)[:, None]
    appeal = popularity * np.exp(separation * LIKING * liked)
    neutral = np.flatnonzero(owner < 0)
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


def _normalise(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum(axis=1, keepdims=True)
