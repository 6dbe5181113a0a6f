"""Workbooks read back: their tables, and their formulas computed once more."""

import math
import re
from functools import cache, cached_property
from pathlib import Path

import openpyxl
from openpyxl import Workbook
from openpyxl.cell import Cell

REFERENCE = re.compile(r"(?:'([^']+)'!)?\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?")
GRIDS = ("Need states", "CDT", *(f"Attribute {number}" for number in range(1, 7)))
FIRST = 6  # row of the first level
LABELS = ["Total", "Control: total of the mart", "Difference"]


class ReadBook:
    """What a workbook has in its cells: values as shown, and formulas."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @cached_property
    def shown(self) -> Workbook:
        """Values, also of formulas."""
        return openpyxl.load_workbook(self.file, data_only=True)

    @cached_property
    def written(self) -> Workbook:
        """Formulas, as they were written."""
        return openpyxl.load_workbook(self.file)

    @cache  # noqa: B019 - as long as the test
    def rows(self, sheet: str) -> list[list[object]]:
        """Return the values of a sheet, as shown."""
        return [list(row) for row in self.shown[sheet].values]

    def formulas(self) -> list[tuple[str, Cell]]:
        """Return all formulas, each with its sheet's name."""
        return [
            (sheet.title, cell)
            for sheet in self.written
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]

    @cache  # noqa: B019 - as long as the test
    def compute(self, sheet: str, place: str) -> object:
        """Return a cell's value, by its formula where it has one."""
        value = self.written[sheet][place].value
        if not (isinstance(value, str) and value.startswith("=")):
            return value
        text = REFERENCE.sub(lambda found: self._python(sheet, found), value[1:])
        condition = re.fullmatch(r"IF\((.*?)=0,(.*?),(.*)\)", text)
        if condition:
            test, then, otherwise = condition.groups()
            text = f"{then} if {test} == 0 else {otherwise}"
        names = {"SUM": _sum, "ROUND": round, "cell": self.compute}
        return eval(text, {"__builtins__": {}}, names | {"cells": self._cells})

    def _python(self, sheet: str, found: re.Match[str]) -> str:
        other, column, row, last_column, last_row = found.groups()
        place = f"{column}{row}"
        if last_column is None:
            return f"cell({other or sheet!r}, {place!r})"
        return f"cells({sheet!r}, '{place}:{last_column}{last_row}')"

    def _cells(self, sheet: str, places: str) -> list[object]:
        return [
            self.compute(sheet, cell.coordinate)
            for row in self.written[sheet][places]
            for cell in row
        ]

    def grid(self, sheet: str, side: str) -> dict[str, dict[str, float]]:
        """Return the sales of a grid as {cluster: {level, total or control: sales}}."""
        rows = self.rows(sheet)
        labels = [row[0] for row in rows[FIRST - 1 :]]
        titles = rows[2]
        left = titles.index(f"Sales by {side} cluster")
        right = titles.index(f"Share of sales, {side} clusters")
        return {
            rows[3][column]: {
                label: row[column]
                for label, row in zip(labels, rows[FIRST - 1 :], strict=True)
            }
            for column in range(left, right)
        }


def check_formulas(book: ReadBook) -> int:
    """Compare what formulas show with what they come to; return how many there are."""
    formulas = book.formulas()
    for sheet, cell in formulas:
        shown = book.shown[sheet][cell.coordinate].value
        computed = book.compute(sheet, cell.coordinate)
        if computed == "":
            assert shown in (None, "")
        else:
            assert math.isclose(shown, computed, rel_tol=1e-9, abs_tol=1e-6), cell
    return len(formulas)


def levels_of(column: dict[str, float]) -> dict[str, float]:
    """Return the levels of a grid's column, without what stands below them."""
    return {level: sales for level, sales in column.items() if level not in LABELS}


def _sum(values: list[object]) -> float:
    return math.fsum(value for value in values if isinstance(value, int | float))
