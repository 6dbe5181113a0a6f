"""Write a complete sample: four input tables, and the planted clusters behind them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from clustering.sample.assortment import (
    Assortment,
    draw_assortment,
    tabulate_need_states,
)
from clustering.sample.dirt import soil_blocks, soil_need_states
from clustering.sample.names import name_category, name_need_states
from clustering.sample.options import Options
from clustering.sample.preference import (
    draw_lifelike_profiles,
    draw_lifelike_shares,
    draw_profiles,
    draw_shares,
    draw_volume,
)
from clustering.sample.roster import Roster, draw_roster
from clustering.sample.sales import Demand, draw_sales, draw_season, expect_demand
from clustering.sample.scratch import (
    append_block,
    copy_frame,
    copy_sales,
    create_sales,
    move_files,
    open_scratch,
    open_staging,
)
from clustering.sample.segments import draw_segments
from clustering.sample.trade_area import (
    name_stores,
    tabulate_external_sales,
    tabulate_store_attributes,
)

TRUTH = "truth.parquet"
INTERNAL_SEGMENTS = (3, 5)
EXTERNAL_SEGMENTS = (3, 4)
ONE_SEGMENT = (1, 1)


@dataclass(frozen=True, kw_only=True)
class SampleSummary:
    """Rows written, by file."""

    internal_sales: int
    need_state: int
    external_sales: int
    store_attributes: int
    truth: int


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What a sample is drawn from; `internal` is a segment per category, store."""

    options: Options
    roster: Roster
    area: np.ndarray
    internal: np.ndarray
    assortments: list[Assortment]


def write_sample(
    folder: Path,
    *,
    truth: Path,
    stores: int,
    categories: int,
    weeks: int,
    skus: int,
    seed: int,
    format: str,
    progress: Callable[[str], None],
    separation: float = Options.separation,
    noise: float = Options.noise,
    imbalance: float = Options.imbalance,
    size_spread: float = Options.size_spread,
    signal: str = Options.signal,
    noise_kind: str = Options.noise_kind,
) -> SampleSummary:
    """Write sample input with planted segments, each file by an atomic rename.

    Parameters
    ----------
    folder
        Where the four input tables go, as `<table>.<format>`.
    truth
        Another folder, for truth.parquet: one row per store and category, with
        the planted segments, also where the store sells nothing.
    stores, categories, weeks, skus
        Number of each; the SKUs are those of one category.
    seed
        One seed, one content, to the byte.
    format
        "parquet" or "csv".
    progress
        Called with a message once per category.
    separation
        How far apart the segments are, on both sides: 1 is clear, at 0 they are
        planted in the truth alone.
    noise
        Spread of stores around their segment, on both sides, 0.1 to 10; 2 is twice
        the usual standard deviation.
    imbalance
        0 to 1: at 0 no segment is below 12 % of the stores, at 1 one has most and
        the smallest 5 %.
    size_spread
        Spread of store sizes, the sigma of a log-normal distribution, 0 to 3.
    signal
        Sides on which the segments show: "both", "internal", "external" or "none".
        A side without has one segment, in the truth too.
    noise_kind
        "plain": all need states sell alike, everywhere, and vary alike. "lifelike":
        few sell much, ranges are local, noise is common to need states and has heavy
        tails, and some categories sell so little that chance shows.

    Raises
    ------
    ValueError
        Where an option is out of its range.
    """
    options = Options(
        stores=stores,
        categories=categories,
        weeks=weeks,
        skus=skus,
        seed=seed,
        format=format,
        separation=separation,
        noise=noise,
        imbalance=imbalance,
        size_spread=size_spread,
        signal=signal,
        noise_kind=noise_kind,
    )
    sample = _draw_sample(options)
    with open_staging(folder) as inbox, open_staging(truth) as vault:
        with open_scratch(inbox) as scratch:
            rows = _copy_tables(scratch, sample, folder=inbox, progress=progress)
            known = _copy_truth(scratch, sample, folder=vault)
        move_files(inbox, folder, [f"{name}.{format}" for name in rows])
        move_files(vault, truth, [TRUTH])
    return SampleSummary(**rows, truth=known)


def _draw_sample(options: Options) -> Sample:
    numbers = range(options.categories)
    internal = INTERNAL_SEGMENTS if options.shows("internal") else ONE_SEGMENT
    external = EXTERNAL_SEGMENTS if options.shows("external") else ONE_SEGMENT
    return Sample(
        options=options,
        roster=draw_roster(options),
        area=_draw_partition(options, topic="area", part=0, sizes=external),
        internal=np.array(
            [
                _draw_partition(options, topic="segments", part=number, sizes=internal)
                for number in numbers
            ]
        ),
        assortments=[_draw_skus(options, number) for number in numbers],
    )


def _draw_partition(
    options: Options, *, topic: str, part: int, sizes: tuple[int, int]
) -> np.ndarray:
    rng = options.open_stream(topic, part=part)
    segments = int(rng.integers(*sizes, endpoint=True))
    return draw_segments(
        stores=options.stores,
        segments=segments,
        imbalance=options.imbalance,
        rng=rng,
    )


def _draw_skus(options: Options, category: int) -> Assortment:
    rng = options.open_stream("assortment", part=category)
    return draw_assortment(options, category=category, rng=rng)


def _copy_tables(
    scratch: duckdb.DuckDBPyConnection,
    sample: Sample,
    *,
    folder: Path,
    progress: Callable[[str], None],
) -> dict[str, int]:
    options = sample.options
    create_sales(scratch)
    for category in range(options.categories):
        rows = _append_category(scratch, sample, category=category)
        progress(f"{name_category(category)}: {rows:,} sales rows")
    sales = folder / f"internal_sales.{options.format}"
    counts = {"internal_sales": copy_sales(scratch, options=options, target=sales)}
    for name, frame in _tabulate_frames(sample).items():
        target = folder / f"{name}.{options.format}"
        counts[name] = copy_frame(scratch, frame, target=target)
    return counts


def _copy_truth(
    scratch: duckdb.DuckDBPyConnection, sample: Sample, *, folder: Path
) -> int:
    return copy_frame(scratch, _tabulate_truth(sample), target=folder / TRUTH)


def _append_category(
    scratch: duckdb.DuckDBPyConnection, sample: Sample, *, category: int
) -> int:
    options, roster = sample.options, sample.roster
    rng = options.open_stream("sales", part=category)
    blocks = draw_sales(
        _plan_demand(sample, category=category, rng=rng),
        assortment=sample.assortments[category],
        first_week=roster.first_week,
        season=draw_season(options.weeks, rng=rng),
        rng=rng,
    )
    soiled = soil_blocks(blocks, options=options, category=category)
    return sum(append_block(scratch, block) for block in soiled)


def _plan_demand(sample: Sample, *, category: int, rng: np.random.Generator) -> Demand:
    options, roster = sample.options, sample.roster
    is_lifelike = options.noise_kind == "lifelike"
    draw = draw_lifelike_profiles if is_lifelike else draw_profiles
    profiles = draw(
        need_states=len(name_need_states(category)),
        segments=sample.internal[category].max() + 1,
        separation=options.separation,
        rng=rng,
    )
    stores = {
        "segment": sample.internal[category],
        "is_outlier": roster.is_outlier,
        "noise": options.noise,
        "rng": rng,
    }
    return expect_demand(
        sample.assortments[category],
        roster=roster,
        category=category,
        shares=draw_lifelike_shares(profiles, size=roster.size, **stores)
        if is_lifelike
        else draw_shares(profiles, **stores),
        volume=draw_volume(rng=rng) if is_lifelike else 1.0,
        rng=rng,
    )


def _tabulate_frames(sample: Sample) -> dict[str, pd.DataFrame]:
    return {
        "need_state": _tabulate_need_states(sample),
        "external_sales": _tabulate_markets(sample),
        "store_attributes": tabulate_store_attributes(
            sample.options, area=sample.area, is_outlier=sample.roster.is_outlier
        ),
    }


def _tabulate_need_states(sample: Sample) -> pd.DataFrame:
    options = sample.options
    rng = options.open_stream("need states", part=0)
    frames = [
        tabulate_need_states(skus, options=options, category=category, rng=rng)
        for category, skus in enumerate(sample.assortments)
    ]
    return soil_need_states(pd.concat(frames, ignore_index=True), rng=rng)


def _tabulate_markets(sample: Sample) -> pd.DataFrame:
    return pd.concat(
        tabulate_external_sales(sample.options, category=category, area=sample.area)
        for category in range(sample.options.categories)
    )


def _tabulate_truth(sample: Sample) -> pd.DataFrame:
    names = name_stores(sample.options.stores)
    return pd.concat(
        pd.DataFrame(
            {
                "STORE_NBR": names,
                "CATEGORY": name_category(category),
                "internal_segment": segment,
                "external_segment": sample.area,
                "is_outlier": sample.roster.is_outlier,
                "is_new": sample.roster.is_new,
            }
        )
        for category, segment in enumerate(sample.internal)
    )
