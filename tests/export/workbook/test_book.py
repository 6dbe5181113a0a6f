"""The file: text stays text, formulas show what they come to, bytes are the same."""

import math
from datetime import UTC, datetime

from clustering.export.workbook import write_workbook
from clustering.export.workbook.book import Book
from tests.workbooks import ReadBook, check_formulas


def test_formulas_show_what_they_come_to(book):
    assert check_formulas(book) > 100


def test_no_formula_shows_an_error(book):
    for name in book.shown.sheetnames:
        for row in book.rows(name):
            assert not any(str(value).startswith("#") for value in row)


def test_text_that_looks_like_a_formula_stays_text(odd_run, book, category, tmp_path):
    file = tmp_path / "odd.xlsx"
    write_workbook(odd_run, file, category=category)
    odd = ReadBook(file)
    assert len(odd.formulas()) == len(book.formulas())
    stores = odd.written["Stores"]
    assert stores["A2"].value.startswith("+")
    assert stores["A2"].data_type == "s"
    assert stores["C2"].value == "-1"
    cdt = odd.written["CDT"]
    assert cdt["A6"].value.startswith("=")
    assert cdt["A6"].data_type == "s"
    assert cdt["B5"].value.startswith("@SUM")
    check_formulas(odd)


def test_infinity_is_text_and_what_is_missing_stays_empty(tmp_path):
    file = tmp_path / "numbers.xlsx"
    values = [2.5, math.inf, -math.inf, math.nan, None, 0]
    with Book.create(file, title="numbers", created=datetime.now(UTC)) as book:
        styles = ["decimal"] * len(values)
        book.write_row(book.add_sheet("Sheet"), 0, values, styles=styles)
    assert ReadBook(file).rows("Sheet") == [[2.5, "inf", "-inf", None, None, 0]]


def test_the_same_run_gives_the_same_bytes(small_run, category, tmp_path):
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    for file in (first, second):
        write_workbook(small_run, file, category=category)
    assert first.read_bytes() == second.read_bytes()


def test_the_workbook_was_created_when_the_run_was_built(small_run, book):
    assert book.shown.properties.created == small_run.built_at.replace(tzinfo=None)


def test_every_sheet_prints_in_landscape_with_its_name_on_the_page(book):
    for sheet in book.written:
        assert sheet.page_setup.orientation == "landscape"
        assert "&A" in sheet.oddFooter.left.text
