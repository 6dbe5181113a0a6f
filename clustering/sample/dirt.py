"""A few rows of every defect that real input has."""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from clustering.sample.names import measure_sku_width
from clustering.sample.options import Options
from clustering.sample.sales import Columns

NOTHING = -1
SHARE_PER_KIND = 0.0001
LEAST_ROWS = 3
UNKNOWN_SKUS = 50
KINDS = (
    "unknown sku",
    "null store",
    "null sku",
    "zero",
    "negative",
    "nan",
    "infinite",
    "other category",
    "null category",
    "duplicate",
)


def soil_blocks(
    blocks: Iterator[Columns], *, options: Options, category: int
) -> Iterator[Columns]:
    """Yield the blocks of one category with some rows of every kind spoiled.

    Adds the column `category`, a position. In `store`, `sku` and `category`, -1
    is null. The first block of each category makes sure of `LEAST_ROWS`.
    """
    rng = options.open_stream("dirt", part=category)
    least = math.ceil(LEAST_ROWS / options.categories)
    for block in blocks:
        rows = len(block["sku"])
        count = max(least, int(SHARE_PER_KIND * rows))
        placed = block | {"category": np.full(rows, category)}
        yield _soil_sales(placed, options=options, count=count, rng=rng)
        least = 0


def soil_need_states(frame: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """Return the rows with a few exact duplicates and a few null need states.

    Both are rows too many: no SKU loses a need state that it serves.
    """
    count = max(LEAST_ROWS, int(SHARE_PER_KIND * len(frame)))
    twice, blank = rng.choice(len(frame), size=(2, count), replace=False)
    extra = frame.iloc[blank].assign(NEED_STATE=None)
    soiled = pd.concat([frame, frame.iloc[twice], extra])
    return soiled.sort_index(kind="stable").reset_index(drop=True)


def _soil_sales(
    block: Columns, *, options: Options, count: int, rng: np.random.Generator
) -> Columns:
    rows = len(block["sku"])
    drawn = rng.choice(rows, size=(len(KINDS), count), replace=False)
    picks = dict(zip(KINDS, drawn, strict=True))
    _misname_skus(block["sku"], picked=picks["unknown sku"], options=options, rng=rng)
    _move_category(
        block["category"], picked=picks["other category"], options=options, rng=rng
    )
    _blank_keys(block, picks=picks)
    _spoil_sales(block["sales"], picks=picks)
    kept = np.sort(np.concatenate([np.arange(rows), picks["duplicate"]]))
    return {name: values[kept] for name, values in block.items()}


def _misname_skus(
    sku: np.ndarray,
    *,
    picked: np.ndarray,
    options: Options,
    rng: np.random.Generator,
) -> None:
    highest = 10 ** measure_sku_width(options.categories * options.skus) - 1
    sku[picked] = highest - rng.integers(UNKNOWN_SKUS, size=len(picked))


def _move_category(
    category: np.ndarray,
    *,
    picked: np.ndarray,
    options: Options,
    rng: np.random.Generator,
) -> None:
    # With one category only, no row can name another one.
    if options.categories > 1:
        step = rng.integers(1, options.categories, size=len(picked))
        category[picked] = (category[picked] + step) % options.categories


def _blank_keys(block: Columns, *, picks: Columns) -> None:
    block["store"][picks["null store"]] = NOTHING
    block["sku"][picks["null sku"]] = NOTHING
    block["category"][picks["null category"]] = NOTHING


def _spoil_sales(sales: np.ndarray, *, picks: Columns) -> None:
    sales[picks["zero"]] = 0
    sales[picks["negative"]] *= -1
    sales[picks["nan"]] = np.nan
    sales[picks["infinite"]] = np.inf
