"""A workbook file: its formats, and sheets that are ready to print."""

import math
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

FONT = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
BAND = {"bg_color": "#E7EBEF", "bold": True}
STYLES = {
    "text": {},
    "wrapped": {"text_wrap": True},
    "note": {"font_color": "#5A6570"},
    "title": {"bold": True, "font_size": 14},
    "heading": {"bold": True, "font_size": 11},
    "band": BAND,
    "head": BAND | {"text_wrap": True},
    "head_right": BAND | {"text_wrap": True, "align": "right"},
    "whole": {"num_format": "#,##0"},
    "money": {"num_format": "#,##0.00"},
    "share": {"num_format": "0.0%"},
    "index": {"num_format": "0"},
    "decimal": {"num_format": "#,##0.000"},
    "place": {"num_format": "0.00000"},
    "total": BAND | {"top": 1},
    "total_whole": BAND | {"top": 1, "num_format": "#,##0"},
    "total_money": BAND | {"top": 1, "num_format": "#,##0.00"},
    "total_share": BAND | {"top": 1, "num_format": "0.0%"},
}
PAPER_A4 = 9

# What a cell can have; a number that is missing is NaN or NA of pandas.
Cell = str | float | None

# Colours of an index, apart for the colour-blind too: blue is below average, orange
# above. The same in all sheets: white is 100, and the ends are half and double.
INDEX_COLOURS = {
    "type": "3_color_scale",
    "min_type": "num",
    "mid_type": "num",
    "max_type": "num",
    "min_value": 50,
    "mid_value": 100,
    "max_value": 200,
    "min_color": "#7FB2D9",
    "mid_color": "#FFFFFF",
    "max_color": "#F2A254",
}


@dataclass(frozen=True)
class Book:
    """A workbook that is being written."""

    workbook: xlsxwriter.Workbook
    formats: dict[str, Format]

    @classmethod
    @contextmanager
    def create(
        cls, target: Path, *, title: str, created: datetime
    ) -> Generator["Book"]:
        """Open a workbook, and write the file at the end.

        Text is text whatever it begins with: nothing in the data becomes a formula,
        a number or a link.
        """
        # packed in memory, files have no time stamps, and the same bytes every time
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        with xlsxwriter.Workbook(str(target), options) as workbook:
            moment = created.replace(tzinfo=None)
            workbook.set_properties({"title": title, "created": moment})
            formats = {
                name: workbook.add_format(FONT | style)
                for name, style in STYLES.items()
            }
            yield cls(workbook, formats)

    def add_sheet(self, name: str) -> Worksheet:
        """Add a sheet: landscape A4, with its name and page number on each page."""
        sheet = self.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(PAPER_A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&L&8&F, &A&R&8&P of &N")
        return sheet

    def write_row(
        self,
        sheet: Worksheet,
        row: int,
        values: Sequence[Cell],
        *,
        styles: Sequence[str],
        column: int = 0,
    ) -> None:
        """Write values side by side, each in its style; what is missing stays empty."""
        for offset, (value, style) in enumerate(zip(values, styles, strict=True)):
            self.write(sheet, row, column + offset, value, style)

    def write(
        self, sheet: Worksheet, row: int, column: int, value: Cell, style: str
    ) -> None:
        """Write one value by its type; one that is missing leaves the cell empty."""
        look = self.formats[style]
        if isinstance(value, str):
            sheet.write_string(row, column, value, look)
        elif value is None or pd.isna(value):
            sheet.write_blank(row, column, None, look)
        elif isinstance(value, bool):
            sheet.write_string(row, column, "yes" if value else "no", look)
        elif math.isinf(value):
            # no cell of Excel can have it as a number
            sheet.write_string(row, column, str(float(value)), look)
        else:
            sheet.write_number(row, column, float(value), look)
