"""The stores and the profiles, as lists to filter."""

import duckdb
import pandas as pd
import pytest

from clustering.export.workbook import write_workbook
from tests.workbooks import ReadBook


@pytest.fixture
def of_one(small_run, category, tmp_path) -> ReadBook:
    file = tmp_path / "one.xlsx"
    write_workbook(small_run, file, category=category, cluster=1)
    return ReadBook(file)


def test_every_store_is_listed_with_its_cluster_and_sales(small_run, category, book):
    wanted = small_run.read(
        "select store_id, cluster_id, cluster_name, sales from store_clusters"
        " where category = ? order by cluster_id, store_id",
        [category],
    )
    heads, *rows = book.rows("Stores")
    assert heads[:4] == ["Store", "Cluster", "Cluster name", "Sales"]
    assert [tuple(row[:4]) for row in rows] == list(
        wanted.itertuples(index=False, name=None)
    )


def test_every_store_has_the_volume_band_of_the_mart(small_run, category, book):
    wanted = small_run.read(
        "select volume_band from store_clusters"
        " where category = ? order by cluster_id, store_id",
        [category],
    )["volume_band"]
    heads, *rows = book.rows("Stores")
    found = [row[heads.index("Volume band")] for row in rows]
    assert set(found) == {"S", "M", "L", None}
    assert found == [None if pd.isna(band) else band for band in wanted]


def test_a_run_without_volume_bands_has_a_workbook_without_them(
    odd_run, category, tmp_path
):
    with duckdb.connect(str(odd_run.database)) as connection:
        connection.execute("alter table store_clusters drop column volume_band")
    file = tmp_path / "earlier.xlsx"
    write_workbook(odd_run, file, category=category)
    heads = ReadBook(file).rows("Stores")[0]
    assert "Sales" in heads
    assert "Volume band" not in heads


def test_recommendations_are_those_of_the_mart(small_run, category, book):
    wanted = small_run.read(
        "select recommendation, evidence from cluster_recommendations"
        " where category = ? order by cluster_id, place",
        [category],
    )
    heads, *rows = book.rows("Recommendations")
    assert heads[-2:] == ["Recommendation", "Evidence"]
    assert len(rows) > 0
    assert [tuple(row[-2:]) for row in rows] == list(
        wanted.itertuples(index=False, name=None)
    )


def test_store_numbers_are_text(book):
    cells = book.written["Stores"]["A"][1:]
    assert {cell.data_type for cell in cells} == {"s"}
    assert any(cell.value.startswith("0") for cell in cells)


def test_lists_can_be_filtered_and_repeat_their_heads(book):
    for name in ("Stores", "Profiles", "Recommendations"):
        sheet = book.written[name]
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet.auto_filter.ref.endswith(str(sheet.max_row))
        assert sheet.freeze_panes == "B2"
        assert sheet.print_title_rows == "$1:$1"


def test_one_cluster_leaves_what_is_of_the_others_out(book, of_one):
    for name, column in {"Stores": 1, "Profiles": 0, "Recommendations": 0}.items():
        everyone = [row for row in book.rows(name)[1:] if row[column] == 1]
        assert of_one.rows(name)[1:] == everyone
        assert len(everyone) < len(book.rows(name)) - 1


def test_one_cluster_leaves_the_grids_as_they_are_to_compare(book, of_one):
    assert of_one.rows("CDT") == book.rows("CDT")
    notes = [row[0] for row in of_one.rows("Summary")[:6]]
    assert any("cluster 1 only" in str(note) for note in notes)


def test_corrections_are_listed_and_stores_say_where_they_came_from(
    odd_run, category, book, tmp_path
):
    assert "Corrections" not in book.written.sheetnames
    other = "category of others"
    rows = [
        (2, "move", category, "1001", 2, None, "applied", "moved", "2027-01-31"),
        (3, "exclude", "all categories", "1002", None, None, "stale", "none", None),
        (4, "name", other, None, 1, "Harbour", "applied", "named", None),
    ]
    with duckdb.connect(str(odd_run.database)) as connection:
        connection.executemany(
            "insert into corrections (seed, seed_line, action, category, store_id,"
            " cluster_id, value, state, outcome, reason, author, expires_on)"
            " values ('seed', ?, ?, ?, ?, ?, ?, ?, ?, 'r', 'anna', ?)",
            rows,
        )
        (store,) = connection.execute(
            "update store_clusters set uncorrected_cluster = cluster_id + 1"
            " where (store_id, category) in (select min((store_id, category))"
            " from store_clusters where category = ?) returning store_id",
            [category],
        ).fetchone()
    file = tmp_path / "corrected.xlsx"
    write_workbook(odd_run, file, category=category)
    corrected = ReadBook(file)
    heads, *found = corrected.rows("Corrections")
    shown = [dict(zip(heads, row, strict=True)) for row in found]
    assert [row["Correction"] for row in shown] == ["move", "exclude"]
    assert [row["Until"] for row in shown] == ["2027-01-31", None]
    assert {row["By"] for row in shown} == {"anna"}
    heads, *stores = corrected.rows("Stores")
    moved = [row for row in stores if row[heads.index("Without corrections")]]
    assert [row[0] for row in moved] == [store]
