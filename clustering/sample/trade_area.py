"""The surroundings of the stores, driven by a planted trade-area segment."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clustering.sample.names import measure_store_width, name_category, pad_numbers
from clustering.sample.options import Options
from clustering.sample.segments import blend

MISSING_SHARE = 0.05
NOISE = 0.28
SLIP = 0.04
EXTREME = 8.0
EXTREME_COLUMNS = ("INCOME", "POPULATION_DENSITY", "FOOT_TRAFFIC", "SALES_AREA_M2")

# One sign per trade area: city core, suburb, countryside, market town. Three
# orthogonal contrasts, each on four figures: every two areas differ in eight.
EAST = np.array([1, 1, -1, -1])
DENSE = np.array([1, -1, -1, 1])
COSTLY = np.array([1, -1, 1, -1])
LEVELS = {
    "URBANICITY": np.array(["URBAN", "SUBURBAN", "RURAL", "SUBURBAN"], dtype=object),
    "STORE_FORMAT": np.array(
        ["EXPRESS", "HYPERMARKET", "SUPERMARKET", "EXPRESS"], dtype=object
    ),
}
DEGREES_FROM_CITY = np.array([0.04, 0.2, 0.7, 0.5])

# Denver, Dallas, Kansas City, Nashville, Columbus, Minneapolis, Atlanta, Phoenix
CITIES = np.array(
    [
        [39.74, -104.99],
        [32.78, -96.80],
        [39.10, -94.58],
        [36.16, -86.78],
        [39.96, -82.99],
        [44.98, -93.27],
        [33.75, -84.39],
        [33.45, -112.07],
    ]
)


@dataclass(frozen=True)
class Figure:
    """A numeric column: centre * exp(spread * level) + offset."""

    name: str
    centre: float
    spread: float
    signs: np.ndarray
    decimals: int
    offset: float = 0.0


ATTRIBUTES = (
    Figure("INCOME", 52_000, 0.22, EAST, 0),
    Figure("POPULATION_DENSITY", 900, 0.5, EAST, 1),
    Figure("MEDIAN_AGE", 40, 0.1, -COSTLY, 1),
    Figure("HOUSEHOLD_SIZE", 2.5, 0.15, -DENSE, 2),
    Figure("FOOT_TRAFFIC", 5_200, 0.4, DENSE, 0),
    Figure("DIST_NEAREST_KM", 3.5, 0.45, -EAST, 2),
    Figure("N_COMPETITORS_3KM", 9, 0.45, COSTLY, 0),
    Figure("SALES_AREA_M2", 1_400, 0.4, -DENSE, 0),
)
MARKET = (
    Figure("MARKET_SALES", 250_000, 0.35, COSTLY, 2),
    Figure("MARKET_GROWTH", 1.02, 0.04, EAST, 4, -1.0),
    Figure("COMPETITOR_OUTLETS", 24, 0.4, DENSE, 0),
    Figure("PRICE_INDEX", 100, 0.06, COSTLY, 1),
)


def tabulate_store_attributes(
    options: Options, *, area: np.ndarray, is_outlier: np.ndarray
) -> pd.DataFrame:
    """Return one row per store, 5 % of the values missing, outliers extreme."""
    rng = options.open_stream("store attributes", part=0)
    values = pd.DataFrame(
        _draw_places(options, area=area, rng=rng)
        | _draw_figures(ATTRIBUTES, options=options, area=area, rng=rng)
        | {
            name: _draw_levels(usual, options=options, area=area, rng=rng)
            for name, usual in LEVELS.items()
        }
    )
    missing = _draw_missing(values, rng=rng)
    holed = values.mask(missing.assign(LONGITUDE=missing["LATITUDE"]))
    _plant_extremes(holed, is_outlier=is_outlier, rng=rng)
    holed.insert(0, "STORE_NBR", name_stores(options.stores))
    return holed.astype({"N_COMPETITORS_3KM": "Int64"})


def tabulate_external_sales(
    options: Options, *, category: int, area: np.ndarray
) -> pd.DataFrame:
    """Return one row per store: the market around it in one category."""
    rng = options.open_stream("external sales", part=category)
    values = pd.DataFrame(_draw_figures(MARKET, options=options, area=area, rng=rng))
    values["MARKET_SALES"] = (values["MARKET_SALES"] * rng.uniform(0.5, 2)).round(2)
    holed = values.mask(_draw_missing(values, rng=rng))
    holed.insert(0, "STORE_NBR", name_stores(options.stores))
    holed.insert(1, "CATEGORY", name_category(category))
    return holed.astype({"COMPETITOR_OUTLETS": "Int64"})


def name_stores(stores: int) -> pd.Series:
    """Return the store numbers as text, in order."""
    return pad_numbers(np.arange(1, stores + 1), width=measure_store_width(stores))


def _draw_places(
    options: Options, *, area: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    city = CITIES[rng.integers(len(CITIES), size=len(area))]
    degrees = blend(
        DEGREES_FROM_CITY, plain=DEGREES_FROM_CITY.mean(), part=options.separation
    )
    away = rng.standard_normal(city.shape) * degrees[area][:, None]
    latitude, longitude = np.round(city + away, 5).T
    return {"LATITUDE": latitude, "LONGITUDE": longitude}


def _draw_figures(
    figures: tuple[Figure, ...],
    *,
    options: Options,
    area: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    drawn = {}
    for figure in figures:
        level = blend(figure.signs, plain=0, part=options.separation)[area]
        noise = NOISE * options.noise * rng.standard_normal(len(area))
        value = figure.centre * np.exp(figure.spread * (level + noise)) + figure.offset
        drawn[figure.name] = np.round(value, figure.decimals)
    return drawn


def _draw_levels(
    usual: np.ndarray,
    *,
    options: Options,
    area: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    other = usual[rng.integers(len(usual), size=len(area))]
    slip = blend(min(SLIP * options.noise, 1), plain=1, part=options.separation)
    return np.where(rng.random(len(area)) < slip, other, usual[area])


def _draw_missing(frame: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    lost = round(MISSING_SHARE * len(frame))
    order = rng.random(frame.shape).argsort(axis=0).argsort(axis=0)
    return pd.DataFrame(order < lost, columns=frame.columns)


def _plant_extremes(
    frame: pd.DataFrame, *, is_outlier: np.ndarray, rng: np.random.Generator
) -> None:
    columns = list(EXTREME_COLUMNS)
    draws = rng.random((is_outlier.sum(), len(columns)))
    few = rng.integers(1, 3, size=(len(draws), 1))
    hit = draws.argsort(axis=1).argsort(axis=1) < few
    far = (frame[columns].mean() + EXTREME * frame[columns].std()).round()
    kept = frame.loc[is_outlier, columns].to_numpy()
    frame.loc[is_outlier, columns] = np.where(hit, far.to_numpy(), kept)
