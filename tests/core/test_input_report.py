"""What the check of the input says of the tables, beside whether they are valid."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from clustering.core.input import open_input
from clustering.core.input.features import FeatureRules
from clustering.core.input.report import Coverage, Note, say_missing, write_views
from clustering.core.paths import DBT_PROJECT

RULES = FeatureRules(excluded=["Secret"], must_keep=["AREA_ID"], max_levels=3)
SALES = """STORE_NBR,SKU_NBR,CAT_DSC,PERIOD_START,TOTAL_SALES,CASHIER
1,a,GIN,2025-02-03,60,x
2,b,GIN,2025-01-06,30.5,x
3,z,GIN,2025-03-03,9.5,x
3,a,GIN,2025-03-03,-5,x
,a,GIN,2025-03-03,7,x
"""
NEEDS = "PRODUCT_ID,CATEGORY,NEED_STATE\na,GIN,DRY\nb,GIN,SLOE\n"
STORES = """,STORE_NBR,LATITUDE,INCOME,FORMAT,TOWN,SECRET,OPENED,AREA_ID
0,1,41.5,50000,BIG,Ames,1,20190131,7
1,2,41.6,40000,BIG,Boone,2,20200131,8
2,4,41.7,40500,BIG,Clive,3,20210131,9
3,5,41.8,40700,BIG,Dike,4,20210130,8
"""


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "internal_sales").mkdir()
    (tmp_path / "internal_sales" / "a.csv").write_text(SALES)
    (tmp_path / "internal_sales" / "b.csv").write_text(
        SALES.splitlines()[0] + "\n1,b,GIN,2025-02-10,0,y\n"
    )
    (tmp_path / "need_state.csv").write_text(NEEDS)
    (tmp_path / "store_attributes.csv").write_text(STORES)
    for name in ("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


def report_of(table: str, rules: FeatureRules | None = RULES):
    tables = open_input(DBT_PROJECT, rules=rules).tables
    return next(report for report in tables if report.name == table)


def test_files_rows_and_periods_of_a_table_are_counted(raw):
    report = report_of("internal_sales")
    assert (report.file_count, report.row_count) == (2, 6)
    assert report.first_day == date(2025, 1, 6)
    assert report.last_day == date(2025, 3, 3)
    assert report_of("need_state").first_day is None


def test_a_column_that_is_not_used_has_a_reason(raw):
    assert report_of("internal_sales").unused == {"CASHIER": "unknown"}
    stores = report_of("store_attributes")
    assert stores.unused == {
        "COLUMN0": "unnamed",
        "FORMAT": "constant",
        "OPENED": "identifier",
        "SECRET": "excluded",
        "TOWN": "too_many_levels",
    }
    assert stores.used == ("STORE_NBR", "LATITUDE", "INCOME", "AREA_ID")


def test_a_market_figure_is_unused_only_if_no_category_can_use_it(raw):
    (raw / "external_sales.csv").write_text(
        "STORE_NBR,CATEGORY,MARKET,OUTLETS\n"
        "1,GIN,5,3\n2,GIN,5,3\n1,RUM,6,4\n2,RUM,7,4\n"
    )
    (raw / "need_state.csv").write_text(f"{NEEDS}c,RUM,DARK\nd,RUM,WHITE\n")
    assert report_of("external_sales").unused == {"OUTLETS": "constant"}


def test_features_are_looked_for_only_on_request(raw):
    assert report_of("store_attributes", rules=None).unused == {"COLUMN0": "unnamed"}


def test_keys_that_another_table_lacks_are_counted_and_weighed_by_sales(raw):
    stores, skus, categories = open_input(DBT_PROJECT).coverages
    assert stores == Coverage(
        *("internal_sales", "STORE_NBR", "store_attributes", "STORE_NBR"),
        key_count=3,
        missing_count=1,
        sales=Decimal(107),
        missing_sales=Decimal("9.5"),
        examples=("3",),
    )
    assert (skus.missing_count, skus.missing_sales) == (1, Decimal("9.5"))
    assert (categories.common_count, categories.missing_sales) == (1, 0)
    assert say_missing(stores) == (
        "1 of 3 stores (8.9 % of sales) are not in store_attributes, such as '3'"
    )


def test_what_was_seen_is_readable_by_models(raw):
    opened = open_input(DBT_PROJECT)
    views = write_views(opened.coverages, [Note("need_state", "it's odd")])
    with duckdb.connect() as connection:
        [row, *_] = connection.execute(views["input_coverage"]).fetchall()
        notes = connection.execute(views["input_notes"]).fetchall()
    assert row[:6] == ("internal_sales", "STORE_NBR", *row[2:4], 3, 1)
    assert row[6:] == (Decimal(107), Decimal("9.5"), "3")
    assert notes == [("need_state", 1, "it's odd")]


def test_nothing_seen_is_a_table_without_rows():
    for query in write_views([], []).values():
        assert duckdb.sql(query).fetchall() == []
