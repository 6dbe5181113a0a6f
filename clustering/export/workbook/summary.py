"""The first sheet: the clusters, their quality, their run, and control totals."""

import math
from collections.abc import Sequence

import pandas as pd
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from clustering.export.workbook.book import Book
from clustering.export.workbook.grids import Control
from clustering.queries.workbook import Figures

# column of cluster_summary, what it is called here, style
CLUSTERS = (
    ("cluster_id", "Cluster", "whole"),
    ("cluster_name", "Name", "wrapped"),
    ("store_count", "Stores", "whole"),
    ("store_share", "Share of stores", "share"),
    ("sales", "Sales", "money"),
    ("sales_share", "Share of sales", "share"),
    ("sales_per_store", "Sales per store", "money"),
    ("stability_band", "Stability", "text"),
    ("jaccard", "Jaccard", "decimal"),
    ("silhouette", "Silhouette", "decimal"),
    ("nearest_cluster", "Nearest cluster", "whole"),
    ("fitted_count", "Fitted", "whole"),
    ("reassigned_count", "Reassigned", "whole"),
    ("inferred_count", "Inferred", "whole"),
    ("override_count", "By hand", "whole"),
    ("outlier_count", "Outliers", "whole"),
    ("status", "Status", "text"),
)
INTERNAL = CLUSTERS[:3] + CLUSTERS[4:5]
SUMMED = {
    "store_count": "total_whole",
    "store_share": "total_share",
    "sales": "total_money",
    "sales_share": "total_share",
    "fitted_count": "total_whole",
    "reassigned_count": "total_whole",
    "inferred_count": "total_whole",
    "override_count": "total_whole",
    "outlier_count": "total_whole",
}
CONTROL = ("", "Sheet", "Clusters", "", "Sum of the grid", "", "Total of the mart")
# Shown with their default too; other settings only where they were changed.
SETTINGS = (
    "algorithm",
    "min_clusters",
    "max_clusters",
    "min_cluster_size",
    "min_cluster_share",
    "max_cluster_size",
    "share_transform",
    "share_exponent",
    "external_scope",
    "external_feature_selection",
    "random_state",
)
WIDTHS = (8, 46, 10, 10, 16, 10, 16, 14, 9, 10, 9, 9, 11, 9, 9, 9, 10)


def write_summary(
    book: Book,
    sheet: Worksheet,
    figures: Figures,
    *,
    controls: Sequence[Control],
    cluster: int | None,
) -> None:
    """Write run, clusters, control and settings, one below the other."""
    row = _write_title(book, sheet, figures, cluster=cluster)
    row = _write_clusters(book, sheet, row, figures.clusters, CLUSTERS, "Clusters")
    title = "Internal clusters, by what sells"
    row = _write_clusters(book, sheet, row, figures.internal, INTERNAL, title)
    row = _write_controls(book, sheet, row, controls)
    _write_settings(book, sheet, row, figures.settings)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.fit_to_pages(1, 0)
    sheet.activate()


def _write_title(
    book: Book, sheet: Worksheet, figures: Figures, *, cluster: int | None
) -> int:
    (quality,) = figures.quality.to_dict("records")
    (run,) = figures.run.to_dict("records")
    count, stores = quality["cluster_count"], quality["store_count"]
    title = f"{figures.category}: {count} clusters of {stores:,} stores"
    book.write(sheet, 0, 0, title.replace(": 1 clusters", ": 1 cluster"), "title")
    notes = [
        quality["verdict"],
        f"{quality['internal_k']} internal and {quality['external_k']} external"
        f" clusters make {quality['merged_cluster_count']} pairs,"
        f" {count} after small ones are rebalanced.",
        f"Run {run['run_id']}, built {run['built_at']:%Y-%m-%d %H:%M} UTC by version"
        f" {run['code_version']}.",
    ]
    if cluster is not None:
        notes.append(
            f"Recommendations, Stores and Profiles have cluster {cluster} only; this"
            " sheet and the grids have all clusters, to compare."
        )
    for row, note in enumerate(notes, start=1):
        book.write(sheet, row, 0, note, "text")
    return len(notes) + 2


def _write_clusters(
    book: Book,
    sheet: Worksheet,
    row: int,
    clusters: pd.DataFrame,
    columns: Sequence[tuple[str, str, str]],
    title: str,
) -> int:
    """Write a row per cluster, and their sums as formulas."""
    shown = [name for name, _, _ in columns]
    _write_heads(book, sheet, row, title, [head for _, head, _ in columns])
    styles = [style for _, _, style in columns]
    first = row + 2
    rows = zip(*(clusters[name].tolist() for name in shown), strict=True)
    for number, values in enumerate(rows, start=first):
        book.write_row(sheet, number, values, styles=styles)
    total_row = first + len(clusters)
    for column, name in enumerate(shown):
        _write_sum(book, sheet, clusters, name, column=column, rows=(first, total_row))
    book.write(sheet, total_row, 1, "Total", "total")
    return total_row + 2


def _write_sum(
    book: Book,
    sheet: Worksheet,
    clusters: pd.DataFrame,
    name: str,
    *,
    column: int,
    rows: tuple[int, int],
) -> None:
    first, last = rows
    if name not in SUMMED:
        book.write(sheet, last, column, "", "total")
        return
    letter = xl_col_to_name(column)
    formula = f"=SUM({letter}{first + 1}:{letter}{last})"
    value = math.fsum(clusters[name].dropna())
    sheet.write_formula(last, column, formula, book.formats[SUMMED[name]], value)


def _write_controls(
    book: Book, sheet: Worksheet, row: int, controls: Sequence[Control]
) -> int:
    """Write the sum of each grid, which its own sheet has, against the mart's."""
    heads = [*CONTROL, "Difference"]
    _write_heads(book, sheet, row, "Control: all sales are in every grid", heads)
    money = book.formats["money"]
    for number, control in enumerate(controls, start=row + 2):
        book.write(sheet, number, 1, control.sheet, "text")
        book.write(sheet, number, 2, control.side, "text")
        formula = f"='{control.sheet}'!{control.cell}"
        sheet.write_formula(number, 4, formula, money, control.grid_total)
        book.write(sheet, number, 6, control.mart_total, "money")
        difference = round(control.grid_total - control.mart_total, 2) + 0.0
        formula = f"=ROUND(E{number + 1}-G{number + 1},2)"
        sheet.write_formula(number, 7, formula, money, difference)
    return row + 3 + len(controls)


def _write_settings(
    book: Book, sheet: Worksheet, row: int, settings: pd.DataFrame
) -> None:
    _write_heads(book, sheet, row, "Settings", ["", "Setting", "Value", "Default"])
    shown = settings[settings["name"].isin(SETTINGS) | ~settings["is_default"]]
    rows = shown[["name", "value", "is_default"]].itertuples(index=False)
    for number, values in enumerate(rows, start=row + 2):
        book.write_row(sheet, number, values, styles=["text"] * 3, column=1)


def _write_heads(
    book: Book, sheet: Worksheet, row: int, title: str, heads: Sequence[str]
) -> None:
    """Write a title, and below it the heads of a table."""
    book.write(sheet, row, 0, title, "heading")
    left = {"", "Name", "Sheet", "Clusters", "Setting", "Value", "Default"}
    left |= {"Stability", "Status"}
    styles = ["head" if head in left else "head_right" for head in heads]
    book.write_row(sheet, row + 1, heads, styles=styles)
