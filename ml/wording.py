"""Words for features: what people read in place of a column or a need state."""

import re
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ml.frames import typed_frame

WORDS = {
    "category": "str",
    "block": "str",
    "feature": "str",
    "column_name": "str",
    "level": "str",
    "kind": "str",
    "label": "str",
    "noun": "str",
    "unit": "str",
    "phrase_high": "str",
    "phrase_low": "str",
    "lower_is_better": "boolean",
}

ABBREVIATIONS = {
    "amt": "amount", "avg": "average", "cat": "category", "cnt": "count",
    "comp": "competitor", "comps": "competitors", "cust": "customer",
    "dens": "density", "dept": "department", "dist": "distance", "edu": "education",
    "emp": "employment", "hh": "household", "hhs": "households", "idx": "index",
    "inc": "income", "max": "maximum", "med": "median", "min": "minimum",
    "mkt": "market", "nbr": "number", "num": "number", "pop": "population",
    "ppl": "people", "qty": "quantity", "superm": "supermarket", "tot": "total",
    "trx": "transactions", "txn": "transactions", "unemp": "unemployment",
    "veh": "vehicles", "wk": "week", "yr": "year",
}  # fmt: skip
ACRONYMS = frozenset({
    "ATM", "B2B", "BBQ", "CBD", "CPI", "DIY", "EU", "EV", "GDP", "GPS", "IPA", "PC",
    "POS", "QSR", "RTD", "SKU", "TV", "UK", "USA", "UV", "VAT", "XL", "ZIP",
})  # fmt: skip
# Where a column comes from says nothing of what it is.
SOURCES = frozenset({"acs", "census", "osm"})
UNITS = {
    "km": "km", "mi": "miles", "miles": "miles", "m2": "m²", "sqm": "m²", "km2": "km²",
    "sqft": "sq ft", "pct": "%", "percent": "%", "perc": "%", "usd": "$", "eur": "€",
    "gbp": "£", "mins": "minutes", "minutes": "minutes", "hrs": "hours", "yrs": "years",
}  # fmt: skip
CURRENCIES = frozenset("$€£")
REACH = re.compile(r"(\d+)(km|mi|miles|m|min|mins)")
COUNTS = frozenset({"n", "num", "nbr", "no", "cnt", "count", "number"})
# Levels that mean nothing without the name of their column.
BARE_LEVELS = frozenset({
    "yes", "no", "true", "false", "none", "other", "unknown", "low", "medium", "mid",
    "high", "small", "large", "big", "average", "good", "bad", "poor", "strong", "weak",
    "new", "old",
})  # fmt: skip


class Reading(NamedTuple):
    """The words read from a column's name: a noun, its unit, words for high and low."""

    noun: str
    unit: str
    high: str
    low: str


def describe_features(features: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return the words of each feature, from the dictionary or else from its name.

    Parameters
    ----------
    features : DataFrame
        One row per category, block (internal: a need state; external: a column, or a
        level of it) and feature, with column_name and level (null for numbers and need
        states).
    labels : DataFrame
        The dictionary: feature, category (null for all), label, unit, word_low,
        word_high and lower_is_better ("true", "false" or null), all text. A row of
        the category comes before one for all.

    Returns
    -------
    DataFrame
        One row per row of ``features``: kind (need_state, number or level), label (as
        a chart shows it, with the unit; no two of a category and block have the same),
        noun (within a sentence), unit (``%``, ``km``, ``share`` for 0 to 1; empty where
        there is none), phrase_high and phrase_low (what stores with much or little of
        it are called), and lower_is_better (null where neither is better).

    Examples
    --------
    >>> features = pd.DataFrame(
    ...     [
    ...         ("GIN", "internal", "DRY GIN"),
    ...         ("GIN", "external", "N_OUTLETS_3KM"),
    ...         ("GIN", "external", "INC"),
    ...     ],
    ...     columns=["category", "block", "feature"],
    ... )
    >>> features = features.assign(column_name=features["feature"], level=None)
    >>> rows = [["INC", None, "income", "$", "poor", "rich", None]]
    >>> names = "feature category label unit word_low word_high lower_is_better"
    >>> labels = pd.DataFrame(rows, columns=names.split())
    >>> words = describe_features(features, labels).set_index("feature")
    >>> words["label"].to_dict()
    {'INC': 'Income ($)', 'N_OUTLETS_3KM': 'Outlets within 3 km', 'DRY GIN': 'Dry gin'}
    >>> words["phrase_high"].to_dict()
    {'INC': 'rich', 'N_OUTLETS_3KM': 'many outlets within 3 km', 'DRY GIN': 'dry gin'}
    """
    dictionary = _index_labels(labels)
    key = ["category", "block", "feature"]
    known = features[[*key, "column_name", "level"]].drop_duplicates(key)
    ordered = known.sort_values(key).assign(kind=_find_kinds)
    rows = [
        row._asdict() | _describe(row, dictionary)
        for row in ordered.itertuples(index=False)
    ]
    _tell_apart(rows)
    return typed_frame([pd.DataFrame(rows)] if rows else [], WORDS)


def read_column(name: str) -> Reading:
    """Read the name of a column in snake or camel case, with usual abbreviations.

    Examples
    --------
    >>> read_column("N_OUTLETS_3KM").noun, read_column("N_OUTLETS_3KM").low
    ('outlets within 3 km', 'few outlets within 3 km')
    >>> read_column("DIST_NEAREST_SUPERMARKET_KM")[:3]
    ('distance to nearest supermarket', 'km', 'far from supermarket')
    >>> read_column("ACS_MEDIAN_INCOME").noun, read_column("pctHHRenters")[:2]
    ('median income', ('household renters', '%'))
    >>> read_column("localGDPGrowth").noun, read_column("HAS_DRIVE_THRU").low
    ('local GDP growth', 'no drive thru')
    """
    words = _split(name)
    while len(words) > 1 and words[0].lower() in SOURCES:
        words = words[1:]
    words, reach = _take_reach(words)
    words, unit = _take_unit(words)
    return _read(words, reach=reach, unit=unit)


def read_need_state(name: str) -> str:
    """Return a need state in lower case; acronyms stay as they are.

    Examples
    --------
    >>> read_need_state("CRAFT IPA - LARGE"), read_need_state("Better_For You")
    ('craft IPA - large', 'better for you')
    """
    words = re.split(r"[\s_]+", name.strip().strip("_"))
    return " ".join(_lower(word, mixed=_is_mixed(name)) for word in words)


def read_level(column: str, level: str) -> str:
    """Return what stores with a level of a column are called.

    Examples
    --------
    >>> read_level("urbanicity", "SEMI_RURAL"), read_level("parking", "YES")
    ('semi rural', 'parking yes')
    """
    said = read_need_state(level) or level
    letters = re.sub(r"[^a-z]", "", said.lower())
    if len(letters) < 3 or said.lower() in BARE_LEVELS:
        return f"{column} {said}"
    return said


def _find_kinds(features: pd.DataFrame) -> np.ndarray:
    is_need_state, is_level = features["block"] == "internal", features["level"].notna()
    return np.select([is_need_state, is_level], ["need_state", "level"], "number")


def _describe(row: Any, dictionary: dict) -> dict[str, object]:
    given = _look_up(row.feature, row.category, dictionary)
    if row.kind == "need_state":
        noun = read_need_state(row.feature)
        reading = Reading(noun, "share", noun, f"little {noun}")
    elif row.kind == "level":
        reading = _read_level_of(row, dictionary)
    else:
        reading = read_column(row.feature)
    return _phrase(reading, given, with_unit=row.kind == "number")


def _read_level_of(row: Any, dictionary: dict) -> Reading:
    given = _look_up(row.column_name, row.category, dictionary)
    column = given.get("label") or read_column(row.column_name).noun
    phrase = read_level(column, row.level)
    noun = f"{column}: {read_need_state(row.level) or row.level}"
    return Reading(noun, "share", phrase, f"not {phrase}")


def _phrase(
    reading: Reading, given: dict[str, str], *, with_unit: bool
) -> dict[str, object]:
    """Return the words of a feature; what the dictionary has goes before its name's."""
    noun = given.get("label", reading.noun)
    unit = given.get("unit", reading.unit)
    high, low = reading.high, reading.low
    if given.get("label") and reading.unit == "share":
        high, low = noun, f"not {noun}"
    elif given.get("label"):
        high, low = f"high {noun}", f"low {noun}"
    suffix = f" ({'%' if unit == 'share' else unit})" if with_unit and unit else ""
    return {
        "label": noun[:1].upper() + noun[1:] + suffix,
        "noun": noun,
        "unit": unit,
        "phrase_high": given.get("word_high", high),
        "phrase_low": given.get("word_low", low),
        "lower_is_better": {"true": True, "false": False}.get(
            given.get("lower_is_better", ""), pd.NA
        ),
    }


def _tell_apart(rows: list[dict[str, object]]) -> None:
    """Add a number to labels that an earlier feature of the same block has."""
    used = set()
    for row in rows:
        label, number = row["label"], 1
        while (key := (row["category"], row["block"], row["label"])) in used:
            number += 1
            row["label"] = f"{label} ({number})"
        used.add(key)


def _index_labels(labels: pd.DataFrame) -> dict[tuple[str, str], dict[str, str]]:
    index = {}
    for row in labels.to_dict("records"):
        said = {name: str(text).strip() for name, text in row.items() if pd.notna(text)}
        key = said.get("feature", "").upper(), said.get("category", "").upper()
        index[key] = {name: text for name, text in said.items() if text}
    return index


def _look_up(feature: str, category: str, dictionary: dict) -> dict[str, str]:
    for scope in (category.upper(), ""):
        if found := dictionary.get((feature.upper(), scope)):
            return found
    return {}


def _split(name: str) -> list[str]:
    """Split at what is no letter or digit and, in mixed case, where a word begins."""
    spaced = re.sub(r"[^0-9A-Za-zÀ-ÿ%$€£'&]+", " ", name)
    if _is_mixed(name):
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", spaced)
        spaced = re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])", " ", spaced)
    return spaced.split() or [name]


def _is_mixed(name: str) -> bool:
    return name != name.upper() and name != name.lower()


def _lower(word: str, *, mixed: bool) -> str:
    bare = re.sub(r"\W", "", word)
    is_acronym = bare.upper() in ACRONYMS and (bare.isupper() or not mixed)
    if is_acronym or (mixed and len(bare) > 1 and bare.isupper() and bare.isalpha()):
        return word.upper()
    return word.lower()


def _take_reach(words: list[str]) -> tuple[list[str], str]:
    """Take `3KM`, or `3` and `KM`, off the end; return it as ` within 3 km`."""
    for size in (1, 2):
        found = REACH.fullmatch("".join(words[-size:]).lower())
        if found and len(words) > size:
            return words[:-size], f" within {found[1]} {found[2]}"
    return words, ""


def _take_unit(words: list[str]) -> tuple[list[str], str]:
    """Take a unit off the end, or a per cent off the beginning."""
    last, first = words[-1].lower(), words[0].lower()
    is_distance = first in ("dist", "distance") and last == "m"
    if len(words) > 1 and (last in UNITS or is_distance):
        return words[:-1], UNITS.get(last, last)
    if len(words) > 1 and UNITS.get(first) == "%":
        return words[2:] if words[1].lower() == "of" else words[1:], "%"
    return words, ""


def _read(words: list[str], *, reach: str, unit: str) -> Reading:
    first, rest = words[0].lower(), words[1:]
    if rest and rest[0].lower() in ("of", "to"):
        rest = rest[1:]
    if rest and first in COUNTS:
        noun = _join(rest) + reach
        return Reading(noun, unit, f"many {noun}", f"few {noun}")
    if rest and first in ("dist", "distance"):
        noun = _join(rest) + reach
        place = noun.removeprefix("nearest ")
        distance = f"distance to {noun}"
        return Reading(distance, unit, f"far from {place}", f"near {place}")
    if rest and first in ("has", "is"):
        noun = _join(rest) + reach
        high = f"has {noun}" if first == "has" else noun
        return Reading(high, unit, high, f"{'no' if first == 'has' else 'not'} {noun}")
    noun = _join(words) + reach
    return Reading(noun, unit, f"high {noun}", f"low {noun}")


def _join(words: list[str]) -> str:
    mixed = any(_is_mixed(word) for word in words) or _is_mixed(" ".join(words))
    return " ".join(
        ABBREVIATIONS.get(word.lower()) or _lower(word, mixed=mixed) for word in words
    )
