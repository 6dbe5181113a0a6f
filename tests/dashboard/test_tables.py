"""Tables that are downloaded are those that are shown."""

import io

import openpyxl
import pandas as pd

from clustering.dashboard.tables import to_csv, to_excel
from clustering.export.formulas import disarm

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
