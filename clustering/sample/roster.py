"""The stores: their size, and which are new, outliers, silent or partial."""

from dataclasses import dataclass

import numpy as np

from clustering.sample.options import Options

OUTLIER_SHARE = 0.01
SILENT_SHARE = 0.01
NEW_SHARE = 0.03
PARTIAL_SHARE = 0.02
NEWEST_WEEKS = 2


@dataclass(frozen=True, kw_only=True)
class Roster:
    """One entry per store; `sells` is stores by categories."""

    size: np.ndarray
    first_week: np.ndarray
    sells: np.ndarray
    is_outlier: np.ndarray
    is_new: np.ndarray


def draw_roster(options: Options) -> Roster:
    """Return the stores of a sample, each with at most one oddity."""
    rng = options.open_stream("roster", part=0)
    outliers, silent, new, partial = _draw_roles(options.stores, rng=rng)
    return Roster(
        size=rng.lognormal(0, options.size_spread, options.stores),
        first_week=_draw_first_weeks(options, new=new, rng=rng),
        sells=_draw_sells(options, silent=silent, partial=partial, rng=rng),
        is_outlier=np.isin(np.arange(options.stores), outliers),
        is_new=np.isin(np.arange(options.stores), new),
    )


def _draw_roles(stores: int, *, rng: np.random.Generator) -> list[np.ndarray]:
    shares = (OUTLIER_SHARE, SILENT_SHARE, NEW_SHARE, PARTIAL_SHARE)
    counts = [max(1, round(share * stores)) for share in shares]
    return np.split(rng.permutation(stores), np.cumsum(counts))[: len(shares)]


def _draw_first_weeks(
    options: Options, *, new: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    first_week = np.zeros(options.stores, dtype=int)
    first_week[new] = options.weeks - rng.integers(1, NEWEST_WEEKS + 1, len(new))
    return first_week


def _draw_sells(
    options: Options,
    *,
    silent: np.ndarray,
    partial: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    sells = np.ones((options.stores, options.categories), dtype=bool)
    sells[silent] = False
    if options.categories > 1:
        sells[partial, rng.integers(options.categories, size=len(partial))] = False
    return sells
