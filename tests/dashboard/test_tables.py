"""Tables as pages show them, and as they are downloaded."""

import io
import json

import openpyxl
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from clustering.dashboard.tables import decimal, share, to_csv, to_excel, whole
from clustering.export.formulas import disarm
from clustering.presentation import glossary

FRAME = pd.DataFrame(
    {"store_id": ["0042", "7"], "name": ["Müller, east", "=1+1"], "sales": [1.5, None]}
)


def test_csv_reads_back_as_it_was_but_for_formulas():
    text = to_csv(FRAME)
    assert text.startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(io.BytesIO(text), dtype={"store_id": str})
    pd.testing.assert_frame_equal(read, disarm(FRAME))


def test_workbook_keeps_numbers_and_text_apart():
    sheet = openpyxl.load_workbook(io.BytesIO(to_excel(FRAME, sheet="clusters RUM")))
    rows = list(sheet["clusters RUM"].values)
    assert rows == [
        ("store_id", "name", "sales"),
        ("0042", "Müller, east", 1.5),
        ("7", "=1+1", None),
    ]
    assert sheet["clusters RUM"]["B3"].data_type == "s"
    assert sheet["clusters RUM"].auto_filter.ref == "A1:C3"


def test_long_and_odd_names_are_cut_to_what_excel_allows():
    name = "clusters BEER / CIDER [new]: all that is sold"
    [sheet] = openpyxl.load_workbook(io.BytesIO(to_excel(FRAME, sheet=name))).sheetnames
    assert len(sheet) <= 31


def test_empty_table_is_a_header():
    sheet = openpyxl.load_workbook(io.BytesIO(to_excel(FRAME.head(0), sheet="none")))
    assert list(sheet["none"].values) == [("store_id", "name", "sales")]


def shown(frame, columns, **options) -> tuple[pd.DataFrame, list[str]]:
    """Show a table without a browser: its figures, and the heads of its columns."""
    table, heads = show(frame, columns, **options)
    return table, [config.get("label") for config in heads]


def show(frame, columns, **options) -> tuple[pd.DataFrame, list[dict]]:
    """Show a table without a browser: its figures, and its columns."""

    def page(frame, columns, options):
        from clustering.dashboard import tables

        tables.show(frame, columns, **options)

    app = AppTest.from_function(page, args=(frame, columns, options)).run()
    assert not app.exception
    [table] = app.dataframe
    heads = json.loads(table.proto.columns)
    return table.value, list(heads.values())


COLUMNS = {
    "name": "Name",
    "sales": whole("Sales"),
    "share": share("Of sales"),
    "silhouette": decimal("Silhouette"),
}


def test_figures_are_rounded_as_they_are_shown_and_zero_has_no_sign():
    frame = pd.DataFrame(
        {"name": [None], "sales": [12.6], "share": [0.123456], "silhouette": [-0.001]}
    )
    found, _ = shown(frame, COLUMNS)
    assert found["sales"].tolist() == [13]
    assert found["share"].tolist() == pytest.approx([12.3])  # in per cent
    assert str(found["silhouette"][0]) == "0.0"


def test_missing_values_are_a_dash_and_sales_name_their_currency():
    found, heads = shown(FRAME, {"name": "Name", "sales": whole("Sales")}, currency="$")
    assert {"Name", "Sales, $"} <= set(heads)
    assert found["sales"].isna().tolist() == [False, True]


def test_a_term_of_the_glossary_is_explained_unless_the_page_says_more():
    columns = {
        "name": "Agreement",
        "silhouette": decimal("Silhouette"),
        "share": share("Firm", help="Of all clusters."),
        "sales": whole("Sales"),
    }
    frame = pd.DataFrame({name: [0.5] for name in columns})
    _, heads = show(frame, columns)
    meanings = [head.get("help") for head in heads if head.get("label")]
    terms = glossary.TERMS
    assert meanings == [
        terms["Agreement"],
        terms["Silhouette"],
        "Of all clusters.",
        None,
    ]
