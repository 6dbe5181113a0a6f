"""Weekly sales of a category, in blocks of weeks that fit in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clustering.sample.assortment import Assortment, draw_carried, split_demand
from clustering.sample.roster import Roster

CELLS_PER_BLOCK = 1_000_000
WEEKLY_SALES = 210.0
SWING = (0.05, 0.3)
PROMOTED_SHARE = 0.1
PROMOTION = 0.2

Columns = dict[str, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Expected weekly units per carried pair of store and SKU, no season yet."""

    store: np.ndarray
    sku: np.ndarray
    units: np.ndarray


def expect_demand(
    assortment: Assortment,
    *,
    roster: Roster,
    category: int,
    shares: np.ndarray,
    volume: float,
    rng: np.random.Generator,
) -> Demand:
    """Return what each store is expected to sell of each SKU that it carries.

    ``volume`` is the category's, by the usual one.
    """
    sells = roster.sells[:, category]
    store, sku = draw_carried(assortment, sells=sells, rng=rng)
    part = split_demand(assortment, store=store, sku=sku)
    money = volume * WEEKLY_SALES * roster.size[store] * part
    money *= shares[store, assortment.need_state[sku]]
    return Demand(store=store, sku=sku, units=money / assortment.price[sku])


def draw_season(weeks: int, *, rng: np.random.Generator) -> np.ndarray:
    """Return a factor per week: one yearly wave, with its own height and peak."""
    phase = np.arange(weeks) / 52 + rng.random()
    return 1 + rng.uniform(*SWING) * np.sin(2 * np.pi * phase)


def draw_sales(
    demand: Demand,
    *,
    assortment: Assortment,
    first_week: np.ndarray,
    season: np.ndarray,
    rng: np.random.Generator,
) -> Iterator[Columns]:
    """Yield blocks of sales rows, ordered by week, store and SKU."""
    step = max(1, CELLS_PER_BLOCK // len(demand.units))
    for start in range(0, len(season), step):
        weeks = np.arange(start, min(start + step, len(season)))
        open_now = weeks[:, None] >= first_week[demand.store]
        units = rng.poisson(season[weeks, None] * demand.units * open_now)
        week, pair = np.nonzero(units)
        sku = demand.sku[pair]
        yield {
            "store": demand.store[pair] + 1,
            "sku": assortment.number[sku],
            "week": weeks[week],
            "units": units[week, pair],
            "sales": _charge(units[week, pair] * assortment.price[sku], rng=rng),
        }


def _charge(full_price: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    promoted = rng.random(len(full_price)) < PROMOTED_SHARE
    return np.round(full_price * (1 - PROMOTION * promoted), 2)
