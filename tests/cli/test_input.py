"""The tables that `clustering validate` prints: plain text, in 80 columns."""

from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from rich.console import Console

from clustering.cli.input import show_input
from clustering.core.input import RawInput
from clustering.core.input.report import Coverage, Note, TableReport

OPENED = RawInput(
    views={},
    notes=[Note("store_attributes", "a column without a name, not used")],
    tables=[
        TableReport(
            "internal_sales", 12, 51_000_000, ("STORE_NBR", "SKU_NBR"), {},
            first_day=date(2025, 1, 6), last_day=date(2025, 6, 30),
        ),
        TableReport(
            "store_attributes", 1, 300, ("STORE_NBR", "INCOME"),
            {"ZIP": "identifier", "TOWN": "too_many_levels", "KEY": "identifier"},
        ),
    ],
    coverages=[
        Coverage(
            "internal_sales", "STORE_NBR", "store_attributes", "STORE_NBR",
            key_count=300, missing_count=30, sales=Decimal(200),
            missing_sales=Decimal(50), examples=("0007", "0008"),
        ),
        Coverage(
            "external_sales", "CATEGORY", "need_state", "CATEGORY",
            key_count=4, missing_count=0, sales=None, missing_sales=None, examples=(),
        ),
    ],
)  # fmt: skip


@pytest.fixture
def printed() -> list[str]:
    console = Console(file=StringIO(), width=80)
    show_input(OPENED, console)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_no_line_is_longer_than_80_columns_or_drawn(printed):
    assert max(map(len, printed)) <= 80
    assert all(line.isascii() for line in printed)


def test_columns_that_are_not_used_are_listed_by_reason(printed):
    text = " ".join(" ".join(printed).split())
    assert "only names something: ZIP, KEY" in text
    assert "too many different texts: TOWN" in text


def test_keys_in_common_are_counted_and_weighed_by_sales(printed):
    rows = [line.split() for line in printed]
    stores, categories = (
        row for row in rows if row[:1] in (["STORE_NBR"], ["CATEGORY"])
    )
    assert stores[3:] == ["300", "270", "75.0", "%", "0007,", "0008"]
    assert categories[3:] == ["4", "4"]


def test_periods_and_notes_come_last(printed):
    assert printed[-2:] == [
        "internal_sales: periods 2025-01-06 to 2025-06-30",
        "store_attributes: a column without a name, not used",
    ]
