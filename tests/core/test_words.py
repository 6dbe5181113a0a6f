"""Words for codes: one sentence for each code that a mart may have."""

import duckdb
import pytest
import yaml

from clustering.core.paths import DBT_PROJECT
from clustering.core.words import define_words, label, read_templates

# Column of a mart, and the group of words.yml that has its sentences.
CODES = {
    ("cluster_quality", "verdict_code"): "verdict",
    ("k_selection", "reason_code"): "k_reason",
    ("final_cluster_candidates", "reason_code"): "final_reason",
    ("external_drivers", "reason_code"): "driver_reason",
    ("store_reasons", "reason_code"): "store_reason",
    ("cluster_measures", "measure"): "evidence",
    ("corrections", "outcome_code"): "outcome",
}


@pytest.fixture
def words() -> duckdb.DuckDBPyConnection:
    with duckdb.connect() as connection:
        define_words(connection)
        yield connection


def say(connection: duckdb.DuckDBPyConnection, expression: str) -> str | None:
    return connection.sql(f"select {expression}").fetchone()[0]


def accepted_values(mart: str, column: str) -> set[str]:
    (file,) = (DBT_PROJECT / "models").glob(f"**/marts/{mart}.yml")
    columns = yaml.safe_load(file.read_text())["models"][0]["columns"]
    (tests,) = (one["data_tests"] for one in columns if one["name"] == column)
    (test,) = (one["accepted_values"] for one in tests if "accepted_values" in one)
    return set(test["arguments"]["values"])


@pytest.mark.parametrize(("column", "group"), CODES.items())
def test_each_code_of_a_mart_has_a_sentence_and_no_other_has(column, group):
    assert set(read_templates()[group]) == accepted_values(*column)


def test_each_reason_why_a_column_is_not_used_has_words():
    reasons = accepted_values("external_feature_catalog", "reason")
    assert reasons < set(read_templates()["unused_column"])


def test_each_verdict_has_a_label():
    for code in read_templates()["verdict"]:
        assert label("verdict_label", code) in {
            "stable", "mostly stable", "partly stable", "unstable", "one cluster"
        }  # fmt: skip


def test_cursors_of_a_connection_say_what_it_says(words):
    with words.cursor() as cursor:
        define_words(words)  # once more: that changes nothing
        assert say(cursor, "words.k_reason('best_score')") == "highest combined score"


def test_an_unknown_code_has_no_words(words):
    assert say(words, "words.k_reason('none of them')") is None


def test_a_figure_is_said_in_its_format(words):
    said = say(
        words,
        "words.value('one_range', range_skus := 12, one_range := 0.046,"
        " own_range := 0.9, clusters := 1, covered := null)",
    )
    assert said == (
        "one range of 12 SKUs covers 4.6 % of the average store's demand, one for every"
        " store 90 %"
    )
    assert say(words, "words.evidence('need_state_points', value := 2)") == (
        "+2.0 points of sales"
    )


@pytest.mark.parametrize(
    ("figure", "unit", "said"),
    [
        (1234.4, "$", "$1,234"),
        (-1234.4, "$", "-$1,234"),
        (12.04, "km", "12 km"),
        (12.34, "", "12.3"),
        (0.01234, None, "0.0123"),
        (3e15, "", "3e+15"),
        (0.37, "share", "37 %"),
        (0.046, "share", "4.6 %"),
        (0.0004, "share", "0 %"),
    ],
)
def test_a_figure_has_as_many_digits_as_a_person_reads(words, figure, unit, said):
    query = "select words.value_in(?::double, ?::varchar)"
    assert words.execute(query, [figure, unit]).fetchone() == (said,)


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("3 shops, 9 in the average store", True),
        ("3.0 shops, 3 in the average store", False),
        ("1,000 people, 1000 in the average store", False),
        ("shops within 3 km: 3, 9 in the average store", False),
    ],
)
def test_a_sentence_with_a_number_twice_is_not_said(words, text, is_said):
    query = "select words.figures_differ(?)"
    assert words.execute(query, [text]).fetchone() == (is_said,)


def test_what_a_rule_recommends_is_filled_in(words):
    said = say(
        words,
        "words.recommendation('{feature}: {here}, {average}; as {nearest}',"
        " feature := 'dry gin', here := '30 %', average := null, nearest := 'pink')",
    )
    assert said == "dry gin: 30 %, unknown; as pink"
