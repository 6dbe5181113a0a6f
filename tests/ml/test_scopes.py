"""Scopes: which categories have the same surroundings."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.agreement import EVERYTHING, external_scopes
from ml.settings import Scopes

STORES = [f"{number:03d}" for number in range(80)]
CATEGORIES = ["GIN", "RUM", "TEA"]
AUTO = Scopes(external_scope="auto", external_feature_selection="all")


def market(category: str, values: np.ndarray, feature: str = "MARKET") -> pd.DataFrame:
    of = {"store_id": STORES, "category": category, "feature": feature}
    is_text = values.dtype.kind == "U"
    return pd.DataFrame(of | {"value": np.nan, "level": None}).assign(
        **{"level" if is_text else "value": values}
    )


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(size=len(STORES))


def scopes(
    *parts: pd.DataFrame, alone: tuple[str, ...] = (), settings: Scopes = AUTO
) -> dict[str, str]:
    nothing = market("NOTHING", noise(0)).iloc[:0]
    values = pd.concat([nothing, *parts])
    rows = external_scopes(CATEGORIES, values, alone, settings)
    return dict(zip(rows["category"], rows["scope"], strict=True))


def test_what_is_known_of_stores_alone_is_the_same_in_all_categories() -> None:
    assert set(scopes().values()) == {"GIN"}


def test_another_unit_and_a_little_noise_are_no_difference() -> None:
    rum = 40 * noise(1) ** 2 * np.linspace(1, 1.05, len(STORES))
    found = scopes(market("GIN", noise(1)), market("RUM", rum), market("TEA", noise(2)))
    assert found == {"GIN": "GIN", "RUM": "GIN", "TEA": "TEA"}


def test_a_feature_of_one_category_alone_is_a_difference() -> None:
    parts = [market(category, noise(1)) for category in CATEGORIES]
    extra = market("RUM", noise(3), "OUTLETS")
    assert scopes(*parts) == dict.fromkeys(CATEGORIES, "GIN")
    assert scopes(*parts, extra) == {"GIN": "GIN", "RUM": "RUM", "TEA": "GIN"}


def test_each_feature_has_to_agree() -> None:
    parts = [market(category, noise(1)) for category in CATEGORIES]
    others = [market(name, noise(place), "B") for place, name in enumerate(CATEGORIES)]
    assert scopes(*parts, *others) == {name: name for name in CATEGORIES}


def test_levels_count_where_stores_have_the_same() -> None:
    zone = np.array(["EAST", "WEST"])[np.arange(len(STORES)) % 2]
    few = np.where(np.arange(len(STORES)) < 4, "EAST", zone)
    other = zone[::-1]
    parts = [market("GIN", zone), market("RUM", few), market("TEA", other)]
    assert scopes(*parts) == {"GIN": "GIN", "RUM": "GIN", "TEA": "TEA"}


def test_a_category_that_is_alone_is_alone() -> None:
    assert scopes(alone=("GIN",)) == {"GIN": "GIN", "RUM": "RUM", "TEA": "RUM"}
    assert scopes(alone=("ELSEWHERE",)) == dict.fromkeys(CATEGORIES, "GIN")


def test_the_one_that_most_are_alike_to_gives_the_name() -> None:
    middle, low, high = np.arange(80.0), np.arange(80.0), np.arange(80.0)
    low[:26], high[54:] = low[:26][::-1], high[54:][::-1]
    parts = [market("GIN", low), market("RUM", middle), market("TEA", high)]
    assert set(scopes(*parts).values()) == {"RUM"}


@given(order=st.permutations(range(len(STORES) * 3)))
def test_the_order_of_rows_does_not_count(order: list[int]) -> None:
    parts = [market(name, noise(place % 2)) for place, name in enumerate(CATEGORIES)]
    rows = pd.concat(parts)
    expected = {"GIN": "GIN", "RUM": "RUM", "TEA": "GIN"}
    assert scopes(rows.iloc[order]) == expected


def test_all_categories_have_one_scope_where_that_is_asked_for() -> None:
    whole = AUTO.model_copy(update={"external_scope": "global"})
    parts = [market(name, noise(place)) for place, name in enumerate(CATEGORIES)]
    assert set(scopes(*parts, alone=("GIN",), settings=whole).values()) == {EVERYTHING}


@pytest.mark.parametrize(
    "update",
    [{"external_scope": "category"}, {"external_feature_selection": "drivers"}],
)
def test_each_category_is_by_itself_where_features_are_its_own(update: dict) -> None:
    found = scopes(settings=AUTO.model_copy(update=update))
    assert found == {name: name for name in CATEGORIES}
