"""Files that DuckDB does not read in place: workbooks, and other encodings."""

import datetime
from pathlib import Path

import pytest
import xlsxwriter

from clustering.core.contract import Files
from clustering.core.errors import InputError
from clustering.core.input.copies import readable, sheets_of
from clustering.core.mapping import MappedTable


def workbook(file: Path, rows: list[list[object]]) -> Path:
    """Write rows to the second of two sheets."""
    with xlsxwriter.Workbook(str(file)) as book:
        book.add_worksheet("About")
        sheet = book.add_worksheet("Sales")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                style = day if isinstance(value, datetime.date) else None
                sheet.write(number, place, value, style)
    return file


def copy_of(file: Path, **mapping: object) -> Files:
    mapped = MappedTable.model_validate({"files": file.name} | mapping)
    format_ = "xlsx" if file.suffix == ".xlsx" else "csv"
    files = Files(str(file), (str(file),), format_, mapped)
    return readable(files, file.parent / "copies")


def text_of(files: Files) -> str:
    return Path(files.paths[0]).read_text()


def test_a_sheet_is_copied_with_whole_numbers_and_days_as_people_see_them(tmp_path):
    rows = [
        ["shop", "day", "amount"],
        ["0042", datetime.date(2025, 1, 31), 7.5],
        [],
        [43, datetime.date(2025, 2, 28), 7],
    ]
    file = workbook(tmp_path / "b.xlsx", rows)
    assert sheets_of(file) == ["About", "Sales"]
    files = copy_of(file, sheet="Sales")
    assert files.format == "csv"
    assert files.original(files.paths[0]) == str(file)
    assert text_of(files).split() == [
        "shop,day,amount",
        "0042,2025-01-31,7.5",
        "43,2025-02-28,7",
    ]


def test_a_file_is_copied_once_for_each_of_its_states(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes("name\nCaf\u00e9 \u20ac\n".encode("cp1252"))
    first = copy_of(file, encoding="cp1252")
    assert text_of(first) == "name\nCaf\u00e9 \u20ac\n"
    assert copy_of(file, encoding="cp1252").paths == first.paths
    file.write_bytes(b"name\nTee\n")
    second = copy_of(file, encoding="cp1252")
    assert text_of(second) == "name\nTee\n"
    assert [str(path) for path in (tmp_path / "copies").iterdir()] == [*second.paths]


def test_utf_8_is_read_in_place(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("name\nTee\n")
    assert copy_of(file).paths == (str(file),)
    assert not (tmp_path / "copies").exists()


@pytest.mark.parametrize(
    ("name", "content", "mapping", "says"),
    [
        ("a.csv", b"\xe9t\xe9\n", {"encoding": "utf-16"}, "a.csv: it is not in utf-16"),
        ("a.xlsx", b"no", {}, "a.xlsx: the workbook cannot be read"),
    ],
)
def test_what_cannot_be_copied_is_one_line(tmp_path, name, content, mapping, says):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InputError, match=says):
        copy_of(file, **mapping)
    assert not list(tmp_path.glob("copies/*"))


def test_an_unknown_sheet_is_refused_with_those_there_are(tmp_path):
    file = workbook(tmp_path / "b.xlsx", [["a"], [1]])
    with pytest.raises(InputError, match="no sheet 'sales', found About, Sales"):
        copy_of(file, sheet="sales")
