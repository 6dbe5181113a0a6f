"""Grids: every level of every cluster, and sums that are the marts'."""

import pytest

from tests.workbooks import FIRST, GRIDS, LABELS, levels_of

SIDES = ("final", "internal")


@pytest.fixture(scope="module")
def sheets(book):
    return [name for name in book.shown.sheetnames if name in GRIDS]


def test_there_is_a_sheet_for_each_dimension_of_the_category(
    small_run, category, sheets
):
    found = small_run.read(
        "select distinct dimension from cluster_sales where category = ?", [category]
    )
    titles = {
        "need_state": "Need states",
        "cdt": "CDT",
        **{f"attribute_{number}": f"Attribute {number}" for number in range(1, 7)},
    }
    assert {titles[name] for name in found["dimension"]} == set(sheets)
    assert len(sheets) == 5  # the sample has need states, CDT and three attributes


@pytest.mark.parametrize("side", SIDES)
def test_cells_are_the_sales_of_the_mart(small_run, category, book, side):
    for sheet, dimension in {"Need states": "need_state", "CDT": "cdt"}.items():
        grid = book.grid(sheet, side)
        rows = small_run.read(
            "select cluster_id, level, sales from cluster_sales"
            " where category = ? and side = ? and dimension = ?",
            [category, side, dimension],
        )
        assert len(rows) > 3
        for cluster, level, sales in rows.itertuples(index=False):
            assert grid[str(cluster)][level] == pytest.approx(sales, abs=1e-6)


@pytest.mark.parametrize("side", SIDES)
def test_controls_are_the_sales_of_the_clusters_and_nothing_is_missing(
    small_run, category, book, sheets, side
):
    column = {"final": "cluster_id", "internal": "internal_cluster"}[side]
    rows = small_run.read(
        f"select {column}, sum(sales) from store_clusters where category = ?"
        " group by all",
        [category],
    )
    wanted = {str(int(cluster)): sales for cluster, sales in rows.to_numpy()}
    wanted["All"] = sum(wanted.values())
    for sheet in sheets:
        grid = book.grid(sheet, side)
        assert set(grid) == set(wanted)
        for cluster, cells in grid.items():
            grid_total, mart_total, difference = (cells[label] for label in LABELS)
            assert mart_total == pytest.approx(wanted[cluster], abs=0.001)
            assert sum(levels_of(cells).values()) == pytest.approx(grid_total)
            assert difference == 0


def test_levels_that_sell_most_come_first(book):
    everyone = levels_of(book.grid("Need states", "final")["All"])
    assert list(everyone.values()) == sorted(everyone.values(), reverse=True)


def test_index_is_the_share_over_the_share_in_all_stores(book):
    rows = book.rows("CDT")
    titles = rows[2]
    sales = titles.index("Sales by final cluster")
    index = titles.index("Index of the share, final clusters")
    totals = next(row for row in rows if row[0] == "Total")
    everyone = titles.index("Share of sales, final clusters") - 1
    row = rows[FIRST - 1]
    share = row[sales] / totals[sales]
    usual = row[everyone] / totals[everyone]
    assert row[index] == pytest.approx(100 * share / usual)


def test_heads_and_levels_stay_in_sight_and_on_every_page(book, sheets):
    for name in sheets:
        sheet = book.written[name]
        assert sheet.freeze_panes == f"B{FIRST}"
        assert sheet.print_title_rows == f"$1:${FIRST - 1}"
        assert sheet.print_title_cols == "$A:$A"
        # a page for each block of sales, share and index
        assert len(sheet.col_breaks.brk) == 5
