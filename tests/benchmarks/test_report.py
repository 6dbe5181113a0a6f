"""Sections are tables on the screen and in Markdown."""

import pandas as pd

from benchmarks.report import Section

SECTION = Section(
    title="Found",
    table=pd.DataFrame({"score": [0.98765, None], "aside": "x", "case": ["a", "b"]}),
    meaning={"case": "what it is like", "score": "0 to 1"},
)


def test_markdown_has_the_columns_whose_meaning_is_given() -> None:
    assert SECTION.as_markdown().splitlines() == [
        "## Found",
        "",
        "| case | score |",
        "| --- | --- |",
        "| a | 0.988 |",
        "| b |  |",
        "",
        "- **case**: what it is like",
        "- **score**: 0 to 1",
    ]


def test_the_screen_has_the_same_columns_and_rows() -> None:
    table = SECTION.as_rich()
    assert [column.header for column in table.columns] == ["case", "score"]
    assert list(table.columns[1].cells) == ["0.988", ""]
