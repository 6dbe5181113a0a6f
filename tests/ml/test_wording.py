"""Words of features: from the dictionary, or else from any name."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.wording import describe_features, read_column
from tests.ml.labels import labels

NAMES = st.text(alphabet="ABcdNKM_ 3.-%", min_size=1, max_size=30)


def describe(
    *columns: str, block: str = "external", level: str | None = None, **words: object
) -> pd.DataFrame:
    frame = pd.DataFrame({"column_name": columns}).assign(
        category="GIN",
        block=block,
        level=level,
        feature=[f"{name} = {level}" if level else name for name in columns],
    )
    return describe_features(frame, **{"labels": labels()} | words).set_index("feature")


@given(st.lists(NAMES, min_size=1, max_size=8, unique=True))
def test_every_name_has_words_without_underscores_and_no_two_the_same_label(names):
    words = describe(*names)
    assert set(words.index) == set(names)
    assert words["label"].is_unique
    for column in ("noun", "phrase_high", "phrase_low"):
        assert (words[column].str.strip() != "").all()
    readable = [name for name in names if any(map(str.isalnum, name))]
    assert not words.loc[readable, "label"].str.contains("_").any()


@pytest.mark.parametrize(
    ("column", "noun", "unit", "low"),
    [
        ("avg_hh_inc", "average household income", "", "low average household income"),
        ("PopDensity", "population density", "", "low population density"),
        ("nbr_of_shops_2_mi", "shops within 2 mi", "", "few shops within 2 mi"),
        ("DIST_TO_SCHOOL_M", "distance to school", "m", "near school"),
        ("PCT_OF_RENTERS", "renters", "%", "low renters"),
        ("SALES_AREA_SQFT", "sales area", "sq ft", "low sales area"),
        ("GDP_PER_CAPITA_USD", "GDP per capita", "$", "low GDP per capita"),
        ("N", "n", "", "low n"),
    ],
)
def test_a_column_is_read_as_a_person_would(column, noun, unit, low):
    reading = read_column(column)
    assert (reading.noun, reading.unit, reading.low) == (noun, unit, low)


def test_a_level_is_said_with_its_column_where_it_means_nothing_alone():
    parts = [
        describe("AREA_TYPE", level="RURAL"),
        describe("HAS_PHARMACY", level="Y"),
        describe("ZONE", level="3"),
    ]
    words = pd.concat(parts)
    assert words["label"].to_dict() == {
        "AREA_TYPE = RURAL": "Area type: rural",
        "HAS_PHARMACY = Y": "Has pharmacy: y",
        "ZONE = 3": "Zone: 3",
    }
    assert words["phrase_high"].tolist() == ["rural", "has pharmacy y", "zone 3"]
    assert words["phrase_low"].iloc[0] == "not rural"


def test_the_dictionary_goes_before_the_name_and_a_category_before_all():
    rows = [
        {"feature": "inc", "label": "income", "unit": "$", "lower_is_better": "false"},
        {"feature": "INC", "category": "gin", "label": "income of gin drinkers"},
        {"feature": "AREA = RURAL", "label": "countryside"},
    ]
    dictionary = labels(*rows)
    area = describe("AREA", level="RURAL", labels=dictionary)
    words = describe("INC", labels=dictionary)
    assert words.loc["INC", "label"] == "Income of gin drinkers"
    assert words.loc["INC", "phrase_low"] == "low income of gin drinkers"
    assert area.loc["AREA = RURAL", "phrase_high"] == "countryside"
    for_all = describe("INC", labels=labels(rows[0]))
    assert for_all.loc["INC", "label"] == "Income ($)"
    assert not for_all.loc["INC", "lower_is_better"]


def test_a_number_whose_name_looks_like_a_level_is_none():
    words = describe("A = B", "AREA")
    assert words["kind"].tolist() == ["number", "number"]
    assert describe("AREA", level="RURAL")["kind"].tolist() == ["level"]


def test_need_states_are_in_sentence_case_and_shares_of_sales():
    words = describe("WHITE_RUM - LARGE", block="internal")
    assert words["label"].tolist() == ["White rum - large"]
    assert words["unit"].tolist() == ["share"]
    assert words["kind"].tolist() == ["need_state"]


def test_no_features_have_no_words():
    assert describe().empty
