"""Grids: what each cluster sells, level by level, as sales, share and index.

A sheet per dimension. Side by side, once for the final and once for the internal
clusters: sales, their share of the cluster's sales, and the index of that share to the
share in all stores. Below, a control: the sum of the grid against the mart's total.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from clustering.export.workbook.book import INDEX_COLOURS, Book
from clustering.queries.workbook import Figures

SHEETS = {
    "need_state": "Need states",
    "cdt": "CDT",
    **{f"attribute_{number}": f"Attribute {number}" for number in range(1, 7)},
}
NO_LEVEL = "(none)"
FIRST = 5  # row of the first level; above are title, note and three rows of heads
LEVEL_WIDTH = 38
LEAST_WIDTH = 13
PAGE_WIDTH = 125  # of columns, on landscape A4 at full size
NOTE = (
    "Share: of the cluster's sales. Index: that share over the share in all stores,"
    " times 100; blue is below, orange above it. Stores count by their sales here, and"
    " all the same in Profiles."
)


@dataclass(frozen=True, kw_only=True)
class Control:
    """A sum of a grid, and where it stands, against the mart's total."""

    sheet: str
    side: str
    cell: str
    grid_total: float
    mart_total: float


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Sales by level (rows) and cluster of one side (columns), and their place.

    `clusters` has a row per column, with the cluster's sales as its mart has them;
    `left` is the first column on the sheet.
    """

    side: str
    sales: pd.DataFrame
    clusters: pd.DataFrame
    left: int

    @property
    def width(self) -> int:
        """Columns of sales, share and index; the first two have one for all stores."""
        return 3 * len(self.clusters) + 2

    @property
    def blocks(self) -> tuple[int, int, int]:
        """First columns of sales, of share and of index."""
        count = len(self.clusters) + 1
        return self.left, self.left + count, self.left + 2 * count

    @property
    def total_row(self) -> int:
        """Row of the sums, below the levels."""
        return FIRST + len(self.sales)

    @property
    def with_total(self) -> pd.DataFrame:
        """Sales, and a last column with those of all stores."""
        return self.sales.assign(total=self.sales.apply(math.fsum, axis=1))


def write_grids(book: Book, figures: Figures) -> list[Control]:
    """Write a sheet for each dimension that the category has; return the controls."""
    controls = []
    for dimension, name in SHEETS.items():
        sales = figures.sales[figures.sales["dimension"] == dimension]
        if len(sales):
            grids = _lay_out(sales, figures)
            _write_sheet(book, name, grids, category=figures.category)
            controls += [_control(name, grid) for grid in grids]
    return controls


def _lay_out(sales: pd.DataFrame, figures: Figures) -> list[Grid]:
    levels = _sort_levels(sales)
    final = _tabulate(sales, levels, figures.clusters, side="final", left=1)
    left = 1 + final.width
    return [
        final,
        _tabulate(sales, levels, figures.internal, side="internal", left=left),
    ]


def _sort_levels(sales: pd.DataFrame) -> list[str]:
    """Return the levels, those that sell most first, and no level last."""
    totals = sales[sales["side"] == "final"].groupby("level")["sales"].sum()
    return sorted(
        totals.index,
        key=lambda level: (level == NO_LEVEL, -round(totals[level], 2), level),
    )


def _tabulate(
    sales: pd.DataFrame,
    levels: list[str],
    clusters: pd.DataFrame,
    *,
    side: str,
    left: int,
) -> Grid:
    rows = sales[sales["side"] == side]
    table = rows.pivot(index="level", columns="cluster_id", values="sales")
    table = table.reindex(index=levels, columns=clusters["cluster_id"])
    return Grid(side=side, sales=table.fillna(0.0), clusters=clusters, left=left)


def _control(sheet: str, grid: Grid) -> Control:
    column = grid.left + len(grid.clusters)
    return Control(
        sheet=sheet,
        side=grid.side,
        cell=xl_rowcol_to_cell(grid.total_row, column),
        grid_total=math.fsum(grid.sales.to_numpy().ravel()),
        mart_total=math.fsum(grid.clusters["sales"]),
    )


def _write_sheet(book: Book, name: str, grids: list[Grid], *, category: str) -> None:
    sheet = book.add_sheet(name)
    what = name if name == "CDT" else name.lower().removesuffix("s")
    book.write(sheet, 0, 0, f"{category}: sales by {what} and cluster", "title")
    book.write(sheet, 1, 0, NOTE, "note")
    _write_levels(book, sheet, name, grids[0])
    for grid in grids:
        _write_heads(book, sheet, grid)
        _write_sales(book, sheet, grid)
        _write_shares(book, sheet, grid)
        _write_indices(book, sheet, grid)
    _prepare_print(sheet, grids)


def _write_levels(book: Book, sheet: Worksheet, name: str, grid: Grid) -> None:
    for row, text in enumerate(("", "Cluster", name), start=2):
        book.write(sheet, row, 0, text, "head")
    for row, level in enumerate(grid.sales.index, start=FIRST):
        book.write(sheet, row, 0, level, "text")
    for offset, text in enumerate(
        ("Total", "Control: total of the mart", "Difference")
    ):
        style = "text" if offset else "total"
        book.write(sheet, grid.total_row + offset, 0, text, style)


def _write_heads(book: Book, sheet: Worksheet, grid: Grid) -> None:
    names = grid.clusters["cluster_name"].tolist()
    numbers = grid.clusters["cluster_id"].tolist()
    everyone = ("All", "All stores")
    titles = (
        f"Sales by {grid.side} cluster",
        f"Share of sales, {grid.side} clusters",
        f"Index of the share, {grid.side} clusters",
    )
    for title, left in zip(titles, grid.blocks, strict=True):
        with_all = left != grid.blocks[-1]
        heads = [*zip(numbers, names, strict=True), *([everyone] if with_all else [])]
        for offset, (number, name) in enumerate(heads):
            column = left + offset
            book.write(sheet, 2, column, "" if offset else title, "band")
            book.write(sheet, 3, column, str(number), "head_right")
            book.write(sheet, 4, column, name, "head_right")


def _write_sales(book: Book, sheet: Worksheet, grid: Grid) -> None:
    """Sales as numbers; totals of rows and columns, and the control, as formulas."""
    table, left, last = grid.with_total, grid.left, grid.left + len(grid.clusters)
    for row, values in enumerate(table.to_numpy().tolist(), start=FIRST):
        *cells, total = values
        book.write_row(sheet, row, cells, styles=["whole"] * len(cells), column=left)
        first, end = xl_col_to_name(left), xl_col_to_name(last - 1)
        formula = f"=SUM({first}{row + 1}:{end}{row + 1})"
        sheet.write_formula(row, last, formula, book.formats["whole"], total)
    mart = [*grid.clusters["sales"], math.fsum(grid.clusters["sales"])]
    for column, name in enumerate(table, start=left):
        grid_total = math.fsum(table[name])
        _write_total(book, sheet, grid, column, grid_total, "total_money")
        _write_control(book, sheet, grid, column, grid_total, mart[column - left])


def _write_total(
    book: Book, sheet: Worksheet, grid: Grid, column: int, total: float, style: str
) -> None:
    name = xl_col_to_name(column)
    formula = f"=SUM({name}{FIRST + 1}:{name}{grid.total_row})"
    sheet.write_formula(grid.total_row, column, formula, book.formats[style], total)


def _write_control(
    book: Book,
    sheet: Worksheet,
    grid: Grid,
    column: int,
    grid_total: float,
    mart_total: float,
) -> None:
    """Below the total: the mart's, and the difference, which is 0.00."""
    row, name = grid.total_row, xl_col_to_name(column)
    book.write(sheet, row + 1, column, mart_total, "money")
    formula = f"=ROUND({name}{row + 1}-{name}{row + 2},2)"
    difference = round(grid_total - mart_total, 2) + 0.0
    sheet.write_formula(row + 2, column, formula, book.formats["money"], difference)


def _write_shares(book: Book, sheet: Worksheet, grid: Grid) -> None:
    """Each cell of the sales over the total of its column."""
    sales, shares, _ = grid.blocks
    total = grid.total_row + 1
    for offset, values in enumerate(_shares(grid)):
        of = xl_col_to_name(sales + offset)
        for row, share in enumerate(values, start=FIRST):
            formula = f"=IF({of}${total}=0,0,{of}{row + 1}/{of}${total})"
            sheet.write_formula(
                row, shares + offset, formula, book.formats["share"], share
            )
        whole = math.fsum(values)
        _write_total(book, sheet, grid, shares + offset, whole, "total_share")


def _write_indices(book: Book, sheet: Worksheet, grid: Grid) -> None:
    """Each share of a cluster over that of all stores, times 100."""
    _, shares, indices = grid.blocks
    *clusters, everyone = _shares(grid)
    average = xl_col_to_name(shares + len(clusters))
    for offset, values in enumerate(clusters):
        of = xl_col_to_name(shares + offset)
        for row, share in enumerate(values, start=FIRST):
            usual = everyone[row - FIRST]
            index = 100 * share / usual if usual else ""
            formula = (
                f'=IF(${average}{row + 1}=0,"",100*{of}{row + 1}/${average}{row + 1})'
            )
            sheet.write_formula(
                row, indices + offset, formula, book.formats["index"], index
            )
        book.write(sheet, grid.total_row, indices + offset, "", "total")
    sheet.conditional_format(
        FIRST,
        indices,
        grid.total_row - 1,
        indices + len(clusters) - 1,
        INDEX_COLOURS,
    )


def _shares(grid: Grid) -> list[list[float]]:
    """Return the shares of each cluster and, last, of all stores."""
    return [_divide(column.tolist()) for _, column in grid.with_total.items()]


def _divide(values: Sequence[float]) -> list[float]:
    total = math.fsum(values)
    return [value / total if total else 0.0 for value in values]


def _prepare_print(sheet: Worksheet, grids: list[Grid]) -> None:
    """Freeze heads and levels, repeat them, and print each block on its own pages."""
    sheet.set_column(0, 0, LEVEL_WIDTH)
    total = math.fsum(grids[0].clusters["sales"])
    column_width = max(LEAST_WIDTH, len(f"{total:,.2f}") + 1)
    sheet.set_column(1, grids[-1].left + grids[-1].width - 1, column_width)
    sheet.set_row(FIRST - 1, 82)
    sheet.freeze_panes(FIRST, 1)
    sheet.repeat_rows(0, FIRST - 1)
    sheet.repeat_columns(0, 0)
    breaks = [left for grid in grids for left in grid.blocks]
    sheet.set_v_pagebreaks(breaks[1:])
    columns = max(len(grid.clusters) for grid in grids) + 1
    width = LEVEL_WIDTH + columns * column_width
    sheet.set_print_scale(max(40, min(100, 100 * PAGE_WIDTH // width)))
