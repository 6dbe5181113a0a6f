"""The SKUs of a category: need state, popularity, price, and who carries them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clustering.sample.names import (
    measure_sku_width,
    name_category,
    name_need_states,
    pad_numbers,
)
from clustering.sample.options import Options

TAIL = 1.1
REACH = 0.7
TWO_NEED_STATES_SHARE = 0.08
TIERS = ("NATIONAL BRAND", "PRIVATE LABEL", "PREMIUM BRAND")
PACKS = ("SMALL PACK", "STANDARD PACK", "FAMILY PACK")
CLAIMS = ("ORIGINAL", "ORGANIC", "SUGAR FREE", "LIMITED EDITION")
SHELVES = ("4FT", "8FT", "12FT")


@dataclass(frozen=True, kw_only=True)
class Assortment:
    """One entry per SKU; rank 1 is the best seller of its need state.

    `second` is the other need state that a SKU serves, -1 for none.
    """

    number: np.ndarray
    need_state: np.ndarray
    second: np.ndarray
    rank: np.ndarray
    price: np.ndarray


def draw_assortment(
    options: Options, *, category: int, rng: np.random.Generator
) -> Assortment:
    """Return the SKUs of a category, spread evenly over its need states."""
    need_states = len(name_need_states(category))
    place = rng.permutation(options.skus)
    need_state, rank = place % need_states, place // need_states + 1
    level = rng.uniform(4, 7)
    return Assortment(
        number=category * options.skus + np.arange(1, options.skus + 1),
        need_state=need_state,
        second=_draw_seconds(need_state, rank=rank, count=need_states, rng=rng),
        rank=rank,
        price=np.round(level * rng.lognormal(0, 0.3, options.skus), 1) - 0.01,
    )


def draw_carried(
    assortment: Assortment, *, sells: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return store and SKU positions of the pairs carried, stores in order.

    The chance rises with popularity; a best seller is carried everywhere.
    """
    chance = assortment.rank**-REACH
    draws = rng.random((len(sells), len(chance)), dtype=np.float32)
    store, sku = np.nonzero((draws < chance) & sells[:, None])
    return store, sku


def split_demand(
    assortment: Assortment, *, store: np.ndarray, sku: np.ndarray
) -> np.ndarray:
    """Return each carried SKU's part of its need state in its store (Zipf)."""
    weight = assortment.rank[sku] ** -TAIL
    shelf = store * (assortment.need_state.max() + 1) + assortment.need_state[sku]
    return weight / np.bincount(shelf, weights=weight)[shelf]


def tabulate_need_states(
    assortment: Assortment,
    *,
    options: Options,
    category: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return one row per SKU and need state that it serves."""
    first = _describe(assortment, options=options, category=category, rng=rng)
    names = np.array(name_need_states(category), dtype=object)
    both = pd.concat(
        [
            first.assign(NEED_STATE=names[assortment.need_state]),
            first.assign(NEED_STATE=names[assortment.second])[assortment.second >= 0],
        ]
    )
    return both.sort_index(kind="stable").reset_index(drop=True)


def _draw_seconds(
    need_state: np.ndarray, *, rank: np.ndarray, count: int, rng: np.random.Generator
) -> np.ndarray:
    wanted = round(TWO_NEED_STATES_SHARE * len(rank))
    chosen = rng.choice(np.flatnonzero(rank > 1), size=wanted, replace=False)
    second = np.full(len(rank), -1)
    second[chosen] = (need_state[chosen] + rng.integers(1, count, wanted)) % count
    return second


def _describe(
    assortment: Assortment,
    *,
    options: Options,
    category: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    width = measure_sku_width(options.skus * options.categories)
    skus, name = len(assortment.number), name_category(category)
    shelf = rng.integers(len(SHELVES), size=skus)
    tier = rng.choice(TIERS, skus)
    return pd.DataFrame(
        {
            "PRODUCT_ID": pad_numbers(assortment.number, width=width),
            "CATEGORY": name,
            "NEED_STATE": "",
            "CDT": name + " / " + pd.Series(tier),
            "ATTRIBUTE_1": tier,
            "ATTRIBUTE_2": rng.choice(PACKS, skus),
            "ATTRIBUTE_3": rng.choice(CLAIMS, skus),
            "NEW_ITEM": rng.random(skus) < 0.05,
            "TO_BE_DROPPED": rng.random(skus) < 0.04,
            "PLANOGRAM_DSC": name + " " + pd.Series(SHELVES)[shelf].array,
            "PLANOGRAM_NBR": pad_numbers(10 * (category + 1) + shelf, width=5),
        }
    )
