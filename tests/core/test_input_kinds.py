"""Files as people have them: read as they are meant, or refused in one line."""

import datetime
import gzip
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import xlsxwriter

from clustering.core import sql
from clustering.core.errors import InputError
from clustering.core.input import open_input
from clustering.core.paths import DBT_PROJECT
from tests.conftest import SHARED

STORES = [f"{number:04}" for number in range(1, 13)]
SKUS = [f"{number:06}" for number in range(1, 5)]


def good_tables() -> dict[str, list[list[str]]]:
    """Return the rows of good tables, the names of columns first."""
    sales = [
        [store, sku, "GIN", f"2025-0{month}-01", f"{10 + int(store) + month}.5"]
        for store in STORES
        for sku in SKUS
        for month in (1, 2)
    ]
    needs = [[sku, "GIN", "DRY" if sku < SKUS[2] else "SLOE"] for sku in SKUS]
    stores = [
        [store, str(30_000 + 17 * int(store) ** 2), f"{int(store) / 10}", "URBAN"]
        for store in STORES
    ]
    return {
        "internal_sales": [
            ["STORE_NBR", "SKU_NBR", "CAT_DSC", "PERIOD_START", "TOTAL_SALES"],
            *sales,
        ],
        "need_state": [["PRODUCT_ID", "CATEGORY", "NEED_STATE"], *needs],
        "store_attributes": [["STORE_NBR", "INCOME", "DISTANCE", "AREA"], *stores],
    }


def text_of(rows: list[list[str]], separator: str = ",") -> str:
    return "".join(separator.join(row) + "\n" for row in rows)


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "raw [2025] *"
    folder.mkdir()
    for name, rows in good_tables().items():
        (folder / f"{name}.csv").write_text(text_of(rows))
    for name in ("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR"):
        monkeypatch.setenv(name, str(folder))
    return folder


def read(table: str) -> list[tuple]:
    """Return the rows of the contract's columns as a build sees them."""
    views = open_input(DBT_PROJECT).views
    with duckdb.connect() as connection:
        names = ", ".join(good_tables()[table][0])
        return connection.execute(
            f"select {names} from ({views[table]}) order by all"
        ).fetchall()


def good_rows(table: str) -> list[tuple]:
    return sorted(tuple(row) for row in good_tables()[table][1:])


def refusal() -> str:
    with pytest.raises(InputError) as error:
        open_input(DBT_PROJECT)
    assert "\n" not in str(error.value)
    return str(error.value)


def rewrite(table: str, change: Callable[[list[str]], list[str]]) -> Callable:
    """Change every row of a table but the header."""

    def spoil(raw: Path) -> None:
        header, *rows = good_tables()[table]
        (raw / f"{table}.csv").write_text(text_of([header, *map(change, rows)]))

    return spoil


def replace_text(table: str, old: str, new: str, count: int = -1) -> Callable:
    def spoil(raw: Path) -> None:
        file = raw / f"{table}.csv"
        file.write_text(file.read_text().replace(old, new, count))

    return spoil


def as_bytes(table: str, change: Callable[[bytes], bytes]) -> Callable:
    def spoil(raw: Path) -> None:
        file = raw / f"{table}.csv"
        file.write_bytes(change(file.read_bytes()))

    return spoil


def in_parts(names: dict[str, slice], header: bool = True) -> Callable:
    """Write the sales as several files of a folder."""

    def spoil(raw: Path) -> None:
        first, *rows = good_tables()["internal_sales"]
        (raw / "internal_sales.csv").unlink()
        for name, part in names.items():
            file = raw / "internal_sales" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            text = text_of([first, *rows[part]])
            opened = gzip.open if name.endswith("gz") else open
            with opened(file, "wt") as target:
                target.write(text)

    return spoil


def with_attribute(name: str, values: list[str]) -> Callable:
    """Add a column of store_attributes."""

    def spoil(raw: Path) -> None:
        header, *rows = good_tables()["store_attributes"]
        rows = [[*row, values[n % len(values)]] for n, row in enumerate(rows)]
        (raw / "store_attributes.csv").write_text(text_of([[*header, name], *rows]))

    return spoil


def as_parquet(raw: Path, query: str) -> None:
    """Write the sales as parquet."""
    file = raw / "internal_sales.csv"
    file.unlink()
    header, *rows = good_tables()["internal_sales"]
    with duckdb.connect() as connection:
        connection.register("sales", pd.DataFrame(rows, columns=header))
        connection.execute(f"create type kinds as enum ({str(STORES)[1:-1]})")
        target = sql.text(file.with_suffix(".parquet"))
        connection.execute(f"copy ({query} from sales) to {target}")


def as_workbook(
    raw: Path,
    *,
    titles: tuple[str, ...] = (),
    is_typed: bool = False,
    left: int = 0,
    between: str = " ",
) -> None:
    """Write the sales as a workbook."""
    (raw / "internal_sales.csv").unlink()
    header, *rows = good_tables()["internal_sales"]
    with xlsxwriter.Workbook(str(raw / "internal_sales.xlsx")) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        for number, title in enumerate(titles):
            sheet.merge_range(number, 0, number, len(header) - 1, title)
        sheet.write_row(len(titles), left, [*header[:-1], f"{header[-1]}{between}"])
        for number, row in enumerate(rows, start=len(titles) + 1):
            sheet.write_row(number, left, row)
            if is_typed:
                when = datetime.date.fromisoformat(row[3])
                sheet.write_datetime(number, left + 3, when, day)
                sheet.write_number(number, left + 4, float(row[4]))


first_half, second_half = slice(0, 48), slice(48, None)


def sales_store(change: Callable[[str], str]) -> Callable:
    """Change every store number of the sales."""
    return rewrite("internal_sales", lambda row: [change(row[0]), *row[1:]])


SAME = {
    "compressed": lambda raw: (raw / "internal_sales.csv.gz").write_bytes(
        gzip.compress((raw / "internal_sales.csv").read_bytes())
    ) and (raw / "internal_sales.csv").unlink(),
    "name in capitals": lambda raw: (raw / "internal_sales.csv").rename(
        raw / "INTERNAL_SALES.CSV"
    ),
    "one part compressed": in_parts({"a.csv": first_half, "b.csv.gz": second_half}),
    "checkpoints and unfinished parts": in_parts(
        {
            "a.csv": slice(None),
            ".ipynb_checkpoints/a-checkpoint.csv": first_half,
            "_temporary/0/part-0.csv": second_half,
        }
    ),
    "zero-width and other spaces": sales_store(
        lambda store: f"\u200b{store}\u00a0" if store > "0006" else store
    ),
    "tabs and soft hyphens": sales_store(
        lambda store: f"\t{store[0]}\u00ad{store[1:]}"
    ),
    "tab-separated text": lambda raw: (raw / "internal_sales.txt").write_text(
        text_of(good_tables()["internal_sales"], separator="\t")
    ) and (raw / "internal_sales.csv").unlink(),
    "semicolons after a BOM": as_bytes(
        "internal_sales",
        lambda text: b"\xef\xbb\xbf" + text.replace(b",", b";"),
    ),
    "a separator at the end of rows": replace_text("internal_sales", "\n", ",\n"),
    "blank lines": replace_text("internal_sales", "\n", "\n\n"),
    "lines of Windows": replace_text("internal_sales", "\n", "\r\n"),
    "lines of old Macs": as_bytes(
        "internal_sales", lambda text: text.replace(b"\n", b"\r")
    ),
    "names in small letters": replace_text("internal_sales", "STORE_NBR", "store_nbr"),
    "spaces around names": replace_text("internal_sales", ",SKU_NBR", ", SKU_NBR "),
    "moments with a time zone": rewrite(
        "internal_sales", lambda row: [*row[:3], f"{row[3]}T23:30:00-05:00", row[4]]
    ),
    "a title above the names": as_bytes(
        "internal_sales", lambda text: b"Weekly sales\n\n" + text
    ),
    "full-width digits": sales_store(
        lambda store: "".join(chr(0xFF10 + int(digit)) for digit in store)
    ),
    "marks of right and left": sales_store(lambda store: f"\u2066{store}\u2069"),
    "compressed, with semicolons after a BOM": lambda raw: (
        raw / "internal_sales.csv.gz"
    ).write_bytes(
        gzip.compress(
            b"\xef\xbb\xbf"
            + text_of(good_tables()["internal_sales"], separator=";").encode()
        )
    ) and (raw / "internal_sales.csv").unlink(),
    "the separator in a line above": as_bytes(
        "internal_sales", lambda text: b"sep=;\n" + text.replace(b",", b";")
    ),
    "a comment above": as_bytes(
        "internal_sales", lambda text: b"# exported 2025\n" + text
    ),
    "quotes around everything": as_bytes(
        "internal_sales",
        lambda text: b'"' + text.strip().replace(b",", b'","').replace(b"\n", b'"\n"')
        + b'"\n',
    ),
    "parts of two separators": lambda raw: in_parts(
        {"a.csv": first_half, "b.csv": second_half}
    )(raw) or (raw / "internal_sales" / "b.csv").write_text(
        (raw / "internal_sales" / "b.csv").read_text().replace(",", ";")
    ),
    "a part with a BOM": lambda raw: in_parts(
        {"a.csv": first_half, "b.csv": second_half}
    )(raw) or (raw / "internal_sales" / "b.csv").write_bytes(
        b"\xef\xbb\xbf" + (raw / "internal_sales" / "b.csv").read_bytes()
    ),
    "a part with a header alone": in_parts(
        {"a.csv": slice(None), "b.csv": slice(0, 0)}
    ),
    "a link to the folder in it": lambda raw: in_parts({"a.csv": slice(None)})(raw)
    or (raw / "internal_sales" / "again").symlink_to(raw / "internal_sales"),
    "parquet of words in dictionaries": lambda raw: as_parquet(
        raw, "select * replace (STORE_NBR::kinds as STORE_NBR)"
    ),
    "parquet of decimals and moments": lambda raw: as_parquet(
        raw, "select * replace (PERIOD_START::timestamp_ns as PERIOD_START,"
        " TOTAL_SALES::decimal(38, 1)::varchar as TOTAL_SALES)",
    ),
    "a workbook of texts": lambda raw: as_workbook(raw),
    "a workbook with titles in merged cells": lambda raw: as_workbook(
        raw, titles=("Sales", "by week")
    ),
    "a workbook of days and numbers": lambda raw: as_workbook(raw, is_typed=True),
    "a workbook with empty columns before": lambda raw: as_workbook(raw, left=2),
    "a workbook with names in two lines": lambda raw: as_workbook(raw, between="\n"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SAME)
def test_what_is_only_written_otherwise_is_read_as_the_same(raw, kind):
    SAME[kind](raw)
    rows = [(*row[:3], str(row[3])[:10], row[4]) for row in read("internal_sales")]
    assert rows == good_rows("internal_sales")


@pytest.mark.parametrize("word", ["NULL", "nan", "None", "#N/A", "Grand Total"])
def test_a_word_for_no_store_or_for_a_total_is_no_store(raw, word):
    as_bytes("internal_sales", lambda text: text + f"{word},000001,GIN,,9\n".encode())(
        raw
    )
    as_bytes("store_attributes", lambda text: text + f"{word},1,1,URBAN\n".encode())(
        raw
    )
    assert [row[0] for row in read("store_attributes")].count(None) == 1
    assert {row[0] for row in read("internal_sales")} == {None, *STORES}
    assert [str(note) for note in open_input(DBT_PROJECT).notes] == [
        f"{table}: words for no value (NULL, nan) or for totals in STORE_NBR, taken as"
        " empty"
        for table in ("internal_sales", "store_attributes")
    ]


def test_a_header_again_amid_need_states_is_no_need_state(raw):
    as_bytes("need_state", lambda text: text + text.splitlines(keepends=True)[0])(raw)
    assert read("need_state").count((None, None, None)) == 1


def test_letters_composed_in_two_ways_are_one(raw):
    replace_text("internal_sales", "GIN", "MENU\u0308")(raw)
    replace_text("need_state", "GIN", "MEN\u00dc")(raw)
    assert {row[2] for row in read("internal_sales")} == {"MEN\u00dc"}
    assert any("cleaned" in note.text for note in open_input(DBT_PROJECT).notes)


def test_a_folder_of_spark_and_values_in_names_of_folders_stay_text(raw):
    header, *rows = good_tables()["internal_sales"]
    (raw / "internal_sales.csv").unlink()
    for store in STORES:
        file = raw / "internal_sales.csv" / f"STORE_NBR={store}" / "part-0.csv"
        file.parent.mkdir(parents=True)
        own = [row[1:] for row in rows if row[0] == store]
        file.write_text(text_of([header[1:], *own]))
    assert read("internal_sales") == good_rows("internal_sales")


REFUSED = {
    "days written otherwise": (
        rewrite("internal_sales", lambda row: [*row[:3], "31.01.2025", row[4]]),
        r"PERIOD_START has '31.01.2025', written as %d.%m.%Y, wanted a date as"
        r" YYYY-MM-DD \(96 such rows\); say so in the mapping \(dates: '%d.%m.%Y'\)",
    ),
    "quarters": (
        rewrite("internal_sales", lambda row: [*row[:3], "2025-Q1", row[4]]),
        "has '2025-Q1', a quarter or a half of a year, wanted a date .*; write the"
        " first day",
    ),
    "days as a spreadsheet counts them": (
        rewrite("internal_sales", lambda row: [*row[:3], "45658", row[4]]),
        "has '45658', the number of a day, as in a spreadsheet, wanted a date",
    ),
    "a minus behind": (
        rewrite("internal_sales", lambda row: [*row[:4], f"{row[4]}-"]),
        "TOTAL_SALES has '12.5-', wanted a number",
    ),
    "letters of another alphabet": (
        replace_text("need_state", "GIN", "G\u0406N"),
        "has 'GIN' and .* has 'G\u0406N': 0 of 1 are the same",
    ),
    "a line of dashes below the header": (
        replace_text("internal_sales", "SALES\n", "SALES\n---,---,---,---,---\n"),
        "has '---', wanted a",
    ),
    "decimals in ids": (
        sales_store(lambda store: f"{int(store)}.0"),
        r"internal_sales.csv: column STORE_NBR has '1.0', '10.0' where"
        r" .*store_attributes.csv, column STORE_NBR, has '0001', '0010'",
    ),
    "formulas": (sales_store(lambda store: f'"=""{store}"""'), "write both alike"),
    "one apostrophe": (
        sales_store(lambda store: "'0001" if store == "0001" else store),
        "column STORE_NBR has '''0001' where .* has '0001'; write both alike",
    ),
    "zeros lost in some rows": (
        sales_store(lambda store: store.lstrip("0") if store > "0009" else store),
        "has '10', '11' where .* has '0010', '0011'",
    ),
    "a prefix": (
        sales_store(lambda store: f"S{store}"),
        "has 'S0001', 'S0002' and .* has '0001', '0002': 0 of 12 are the same",
    ),
    "exponents": (
        replace_text("need_state", SKUS[0], "8.90E+12"),
        "column PRODUCT_ID has '8.90E.12', a number in exponent notation",
    ),
    "exponents in small letters": (
        replace_text("internal_sales", SKUS[0], "8.900e9"),
        "column SKU_NBR has '8.900e9', a number in exponent notation",
    ),
    "O in place of 0": (
        sales_store(lambda store: store.replace("0", "O", 1)),
        "has 'O001', 'O002' where .* has '0001', '0002'",
    ),
    "dashes of another kind": (
        lambda raw: [
            sales_store(lambda store: f"A\u2011{store}")(raw),
            rewrite("store_attributes", lambda row: [f"A-{row[0]}", *row[1:]])(raw),
        ],
        "has 'A\u20110001', .* has 'A-0001'",
    ),
    "digits of another script": (
        sales_store(lambda store: "".join(chr(0x660 + int(digit)) for digit in store)),
        "0 of 12 are the same",
    ),
    "a header again": (
        as_bytes("internal_sales", lambda text: text * 2),
        "the header is there again, in 1 rows",
    ),
    "a name with an invisible character": (
        replace_text("internal_sales", "TOTAL_SALES", "TOTAL_SALES\u200b"),
        r"characters in its name that nobody sees: 'TOTAL_SALES\\u200b'",
    ),
    "lines that end in two ways": (
        replace_text("internal_sales", "\n", "\r\n", 40),
        r"line 41 ends in another way than those above \(LF, CRLF\)",
    ),
    "compressed only by name": (
        lambda raw: (raw / "need_state.csv").rename(raw / "need_state.csv.gz"),
        "need_state.csv.gz: it is not compressed as .gz says",
    ),
    "no zst": (
        lambda raw: (raw / "need_state.csv").rename(raw / "need_state.csv.zst"),
        "need_state.csv.zst: it is not compressed as .zst says",
    ),
    "compressed and cut off": (
        lambda raw: (raw / "need_state.csv.gz").write_bytes(
            gzip.compress((raw / "need_state.csv").read_bytes())[:-20]
        ) and (raw / "need_state.csv").unlink(),
        "need_state.csv.gz: the compressed file was cut off",
    ),
    "a pointer of Git LFS": (
        as_bytes("need_state", lambda _: b"version https://git-lfs.github.com/spec\n"),
        "need_state.csv: it is a pointer of Git LFS",
    ),
    "JSON": (as_bytes("need_state", lambda _: b'[{"a": 1}]\n'), "it is JSON"),
    "line ends within quotes": (
        as_bytes(
            "internal_sales",
            lambda text: b'"'
            + text.replace(b",", b'","').replace(b"\n", b'\r"\n"').removesuffix(b'"'),
        ),
        r"internal_sales.csv: line 2 has a carriage return \(CR\) before its end",
    ),
    "a quote that is not closed": (
        as_bytes(
            "internal_sales",
            lambda text: text.replace(b"GIN", b'"GIN', 1) + b"x" * 200_000,
        ),
        "the quotes of line 2 are not closed",
    ),
    "two spellings of a need state": (
        replace_text("need_state", f"{SKUS[0]},GIN,DRY", f"{SKUS[0]},GIN,Dry"),
        "column NEED_STATE has 'DRY' and 'Dry'; write both alike",
    ),
    "two columns of one name": (
        replace_text("internal_sales", "PERIOD_START", "TOTAL_SALES"),
        "columns 4 and 5 are both called TOTAL_SALES",
    ),
    "a part with other columns": (
        lambda raw: in_parts({"a.csv": first_half, "b.csv": second_half})(raw)
        or (raw / "internal_sales/b.csv").write_text(
            (raw / "internal_sales/b.csv").read_text().replace("TOTAL_SALES", "AMOUNT")
        ),
        "b.csv: column TOTAL_SALES is missing, which .*a.csv has",
    ),
    "a part without a header": (
        lambda raw: in_parts({"a.csv": first_half, "b.csv": second_half})(raw)
        or (raw / "internal_sales/b.csv").write_text("0001,000001,GIN,2025-01-01,5\n"),
        "b.csv: column CAT_DSC is missing",
    ),
    "a part twice": (
        in_parts({"a.csv": first_half, "again.csv": first_half}),
        "again.csv: it is .*a.csv once more, byte for byte",
    ),
    "latin-1": (
        as_bytes("need_state", lambda text: text.replace(b"SLOE", b"SL\xd6E")),
        r"need_state.csv: line 4 has the byte 0xd6, which is no UTF-8",
    ),
    "UTF-16": (
        as_bytes("need_state", lambda text: text.decode().encode("utf-16")),
        "need_state.csv: it is text in UTF-16",
    ),
    "UTF-32": (
        as_bytes("need_state", lambda text: text.decode().encode("utf-32")),
        "need_state.csv: it is text in UTF-32",
    ),
    "NULs": (
        as_bytes("internal_sales", lambda text: text + b"\0\0\0\n"),
        "line 98 has NUL bytes",
    ),
    "a workbook": (
        as_bytes("store_attributes", lambda _: b"PK\x03\x04" + b"x" * 99),
        "it is an Excel workbook",
    ),
    "a page of HTML": (
        as_bytes("store_attributes", lambda _: b"<!DOCTYPE html>\n<table>\n"),
        "it is a page of HTML",
    ),
    "a line of a total": (
        as_bytes("internal_sales", lambda text: text + b"(96 rows affected)\n"),
        r"line 98 has 1 column, wanted 5 as in the header: '\(96 rows affected\)'",
    ),
    "a short row": (
        replace_text("internal_sales", "GIN,2025-01-01,12.5", "2025-01-01,12.5", 1),
        "line 2 has 4 columns, wanted 5",
    ),
    "backslashes": (
        replace_text("need_state", "SLOE", '"SL\\"OE, x"', 1),
        "line 4 has a quote with a backslash before it",
    ),
    "cut off": (
        as_bytes("internal_sales", lambda text: text[:-20]),
        "the file was cut off in line 97: '0012,000004,' has 3 of 5 columns",
    ),
    "two-digit years": (
        replace_text("internal_sales", "2025-0", "25-0"),
        "column PERIOD_START has 0025-01-01, wanted a year from 1980",
    ),
    "no sales": (
        rewrite("internal_sales", lambda row: [*row[:4], "0"]),
        "column TOTAL_SALES has no number above 0 in 96 rows",
    ),
    "thousands": (
        with_attribute("RENT", ['"35,986"', '"1,204"']),
        "column RENT has '1,204', wanted numbers",
    ),
    "decimal commas": (with_attribute("RENT", ['"12,5"']), "RENT has '12,5'"),
    "units": (with_attribute("RENT", ["12.5 km", "7 km"]), "RENT has '12.5 km'"),
    "currencies": (with_attribute("RENT", ["EUR 12.5", "£7"]), "RENT has 'EUR 12.5'"),
    "brackets": (
        with_attribute("RENT", ['"(1,204.5)"', "12", "7"]),
        r"RENT has '\(1,204.5\)' among 8 numbers",
    ),
    "a longer minus": (
        with_attribute("RENT", ["\u221212.5", "7"]), "RENT has '.12.5' among 6"
    ),
    "thin spaces": (with_attribute("RENT", ["35\u202f986"]), "wanted numbers"),
    "apostrophes": (with_attribute("RENT", ["35\u2019986"]), "wanted numbers"),
    "lakhs": (with_attribute("RENT", ['"1,35,986"']), "wanted numbers"),
    "per cent": (with_attribute("RATE", ["2.4%", "3%"]), "RATE has '2.4%'"),
    "words for no value": (
        with_attribute("RENT", ["5.5", "N/A", "7", "-"]),
        "RENT has '-' among 6 numbers",
    ),
    "huge numbers": (with_attribute("RENT", ["1e308", "2.5"]), "RENT has 1e.308"),
    "huge whole numbers": (
        with_attribute("RENT", [str(9 * 10**37), "2"]),
        "RENT has 9e.37, wanted numbers up to 1e.30",
    ),
    "infinite numbers": (
        with_attribute("RENT", ["-inf", "2.5"]),
        "RENT has '-inf' among 6 numbers",
    ),
    "huge sales": (
        rewrite("internal_sales", lambda row: [*row[:4], "2e13"]),
        "column TOTAL_SALES adds up to 1.92e.15, wanted at most 1e.15",
    ),
    "no latitude": (with_attribute("LATITUDE", ["41.5", "912.0"]), "LATITUDE has 912"),
    "a Delta table": (
        lambda raw: in_parts({"a.csv": slice(None)})(raw)
        or (raw / "internal_sales" / "_delta_log").mkdir(),
        "internal_sales: a Delta table that cannot be read",
    ),
    "not a workbook": (
        lambda raw: (raw / "need_state.csv").rename(raw / "need_state.xlsx"),
        "need_state.xlsx: the workbook cannot be read",
    ),
    "an old workbook beside": (
        lambda raw: (raw / "need_state.csv").rename(raw / "need_state.xls"),
        "no folder need_state/ of either, found need_state.xls",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_as_meant_is_refused_in_one_line(raw, kind):
    spoil, says = REFUSED[kind]
    spoil(raw)
    assert re.search(says, refusal())


FINE = {
    "codes of digits": (with_attribute("ZIP_TEXT", ["01234", "50940", "None"]), []),
    "texts with some digits": (with_attribute("SIZE", ["1", "2", "XL", "L"]), []),
    "SKUs that need_state lacks": (
        replace_text("need_state", f"{SKUS[3]},GIN,SLOE\n", ""),
        [],
    ),
    "market figures of many other categories": (
        lambda raw: (raw / "external_sales.csv").write_text(
            "STORE_NBR,CATEGORY,MARKET\n"
            + "".join(f"0001,{name},5\n" for name in ["GIN", *"ABCDEFGHIJKLMNOP"])
        ),
        [],
    ),
    "a column of row numbers": (
        lambda raw: (raw / "store_attributes.csv").write_text(
            "".join(
                f"{'' if n == 0 else n - 1},{','.join(row)}\n"
                for n, row in enumerate(good_tables()["store_attributes"])
            )
        ),
        ["store_attributes: a column without a name, not used"],
    ),
    "a number that stands for no value": (
        with_attribute("RENT", ["-999", "12.5", "7"]),
        [
            "store_attributes: column RENT has -999 in 4 rows and nothing else below 0,"
            " used as a number; where it stands for no value, leave it empty"
        ],
    ),
    "several numbers below 0": (with_attribute("GROWTH", ["-999", "-2", "7"]), []),
    "half of the stores without attributes": (
        lambda raw: (raw / "store_attributes.csv").write_text(
            text_of(good_tables()["store_attributes"][:7])
        ),
        [
            "internal_sales: 6 of 12 stores (58.1 % of sales) are not in"
            " store_attributes, such as '0007', '0008'"
        ],
    ),
}


@pytest.mark.parametrize("kind", FINE)
def test_what_is_odd_is_said_and_stops_nothing(raw, kind):
    change, notes = FINE[kind]
    change(raw)
    assert list(map(str, open_input(DBT_PROJECT).notes)) == notes
    assert read("store_attributes")


def test_parquet_that_was_cut_off_or_is_none(raw):
    (raw / "need_state.csv").unlink()
    file = raw / "need_state.parquet"
    header, *rows = good_tables()["need_state"]
    names = ", ".join(header)
    values = ", ".join(str(tuple(row)) for row in rows)
    duckdb.sql(f"from (values {values}) t({names})").write_parquet(str(file))
    open_input(DBT_PROJECT)
    whole = file.read_bytes()
    file.write_bytes(whole[:-9])
    assert "need_state.parquet: the file was cut off: its last part" in refusal()
    file.write_text("PRODUCT_ID,CATEGORY\n1,2\n")
    assert "need_state.parquet: it is no parquet" in refusal()


NESTED = {
    "list": "[1, 2]",
    "struct": "{'a': 1}",
    "map": "map {'a': 1}",
    "blob": "'ab'::blob",
    "interval": "interval 3 day",
    "uuid": "uuid()",
    "decimal": "1::decimal(38, 10)",
    "boolean": "STORE_NBR > '0003'",
    "day": "date '2025-01-31'",
}


@pytest.mark.parametrize("type_", NESTED)
def test_an_external_column_of_any_type_of_parquet_can_be_read(raw, type_):
    file = raw / "store_attributes.csv"
    query = (
        f"select *, {NESTED[type_]} as MORE from read_csv('{file}', all_varchar=true)"
    )
    query = query.replace("[2025] *", "[[]2025] [*]")
    duckdb.sql(query).write_parquet(str(file.with_suffix(".parquet")))
    file.unlink()
    assert read("store_attributes") == good_rows("store_attributes")


def test_a_list_of_sales_is_no_number(raw):
    file = raw / "internal_sales.csv"
    query = (
        "select * replace ([TOTAL_SALES::double] as TOTAL_SALES)"
        f" from read_csv('{file}', all_varchar=true)"
    ).replace("[2025] *", "[[]2025] [*]")
    duckdb.sql(query).write_parquet(str(file.with_suffix(".parquet")))
    file.unlink()
    assert "column TOTAL_SALES is DOUBLE[], wanted a number" in refusal()


READABLE = [*SAME.values(), *(change for change, _ in FINE.values())]
KINDS = [*READABLE, *(spoil for spoil, _ in REFUSED.values())]
# What DuckDB and Python call their own errors.
ENGINE = re.compile(r"[A-Z][a-z]+ (Input )?Error|Traceback|LINE 1|Candidate")


def spoil_at_random(raw: Path, seed: int) -> None:
    """Change the input in two or three ways; the later ones undo some before them.

    Every second seed draws only from what can be read, so that many are opened.
    """
    draw = random.Random(seed)
    for spoil in draw.sample(KINDS if seed % 2 else READABLE, draw.choice([2, 3])):
        with suppress(FileNotFoundError, UnicodeDecodeError):  # another file by now
            spoil(raw)


@pytest.mark.parametrize(
    "seed",
    [
        *range(40),
        *(pytest.param(seed, marks=pytest.mark.long) for seed in range(40, 1000)),
    ],
)
def test_several_troubles_at_once_are_opened_or_refused_in_one_line(raw, seed):
    spoil_at_random(raw, seed)
    said, views = None, {}
    try:
        views = open_input(DBT_PROJECT).views
    except InputError as error:
        said = str(error)
    if said:
        assert re.fullmatch(r"[^\n]+: [^\n]+; [^\n]+", said)
        assert not ENGINE.search(said), said
        return
    with duckdb.connect() as connection:
        for name, query in views.items():
            connection.execute(f"create table {name} as {query}")
        read = connection.execute(
            "select count(*), count(distinct STORE_NBR), sum(TOTAL_SALES::double)"
            " from internal_sales"
        ).fetchone()
        others = connection.execute(
            "select distinct STORE_NBR from store_attributes"
            " where STORE_NBR not in (select STORE_NBR from internal_sales)"
        ).fetchall()
    sales = [float(row[-1]) for row in good_tables()["internal_sales"][1:]]
    assert read == (len(sales), len(STORES), sum(sales))
    assert others == []


# How each case of ../shared/cases/input ends where its table says so of the check; what
# is not here runs.
STOPS = {
    "01": "line 2 has the byte", "02": "line 2 has the byte", "05": "TOTAL_SALES",
    "08_": "TOTAL_SALES", "08b": "INCOME has '35,986'", "14": "both called TOTAL_SALES",
    "16c": "line 5343 has 1 column", "20a": "PERIOD_START", "20b": "PERIOD_START",
    "20c": "PERIOD_START", "21": "exponent notation", "22a": "'0001', '0010'",
    "24_": "'0001', '0002'", "24b": "'0001', '0002'", "24d": "0 of 59",
    "27b": "w3.csv: column PERIOD_START", "27c": "b.csv: column TOTAL_SALES",
    "30c": "RENT has 'N/A'",
    "30d": "RENT has '-'", "42": "INCOME has '35986,0'", "50": "backslash",
    "52": "NUL bytes",
    "62b": "a Delta table", "69": "'COFFEE' and 'Coffee'", "70": "an Excel workbook",
    "71": "line 101 has 4 columns", "73": "was cut off in line 2673",
    "74": "was cut off", "S1": "column STORE_NBR is missing",
}  # fmt: skip
CASES = SHARED / "cases" / "input"


@pytest.mark.parametrize("case", sorted(p.name for p in CASES.glob("*/")) or [None])
def test_cases_that_people_met(case, tmp_path, monkeypatch):
    if case is None:
        pytest.skip("needs ../shared")
    folder = tmp_path / "raw"
    lay = [sys.executable, CASES.parent / "lay.py", CASES / case, folder]
    if case != "base":
        subprocess.run(lay, check=True)
    else:
        shutil.copytree(CASES / case, folder)
    for name in ("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR"):
        monkeypatch.setenv(name, str(folder))
    says = next((says for name, says in STOPS.items() if case.startswith(name)), None)
    if says:
        assert says in refusal()
    else:
        open_input(DBT_PROJECT)
