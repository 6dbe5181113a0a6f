"""Sheets that are lists: recommendations, stores, corrections, and profiles."""

from collections.abc import Sequence

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from clustering.export.workbook.book import INDEX_COLOURS, Book
from clustering.queries.workbook import Figures

# column of the mart, what it is called here, style, width
RECOMMENDATIONS = (
    ("cluster_id", "Cluster", "whole", 8),
    ("cluster_name", "Cluster name", "wrapped", 34),
    ("store_count", "Stores", "whole", 8),
    ("priority", "Priority", "whole", 8),
    ("area", "Area", "text", 11),
    ("recommendation", "Recommendation", "wrapped", 62),
    ("evidence", "Evidence", "wrapped", 42),
)
STORES = (
    ("store_id", "Store", "text", 12),
    ("cluster_id", "Cluster", "whole", 8),
    ("cluster_name", "Cluster name", "text", 42),
    ("sales", "Sales", "money", 15),
    ("volume_band", "Volume band", "text", 9),
    ("assignment_method", "Method", "text", 11),
    ("moved_from", "Without corrections", "whole", 11),
    ("is_outlier", "Outlier", "text", 8),
    ("internal_cluster", "Internal cluster", "whole", 9),
    ("external_cluster", "External cluster", "whole", 9),
    ("silhouette", "Silhouette", "decimal", 10),
    ("next_best_cluster", "Next best", "whole", 8),
    ("next_best_name", "Next best name", "text", 42),
    ("latitude", "Latitude", "place", 10),
    ("longitude", "Longitude", "place", 11),
)
CORRECTIONS = (
    ("action", "Correction", "text", 11),
    ("store_id", "Store", "text", 12),
    ("cluster_id", "Cluster", "whole", 8),
    ("value", "Value", "wrapped", 24),
    ("state", "State", "text", 16),
    ("outcome", "What it did", "wrapped", 52),
    ("reason", "Reason", "wrapped", 34),
    ("author", "By", "text", 14),
    ("expires_on", "Until", "text", 11),
)
PROFILES = (
    ("cluster_id", "Cluster", "whole", 8),
    ("cluster_name", "Cluster name", "text", 42),
    ("block", "Side", "text", 10),
    ("label", "Feature", "text", 42),
    ("cluster_mean", "Mean of cluster", "decimal", 14),
    ("category_mean", "Mean of category", "decimal", 14),
    ("index_value", "Index", "index", 9),
    ("standard_difference", "Difference in std. deviations", "decimal", 14),
    ("distinctiveness_rank", "Rank", "whole", 8),
    ("comparison", "In words", "wrapped", 62),
    ("better", "Better or worse", "text", 9),
    ("feature", "Column or need state of the input", "text", 42),
)

Columns = Sequence[tuple[str, str, str, int]]


def write_recommendations(book: Book, figures: Figures, *, cluster: int | None) -> None:
    """Write one row per cluster and recommendation, what is done first at the top."""
    rows = _only(figures.recommendations, cluster)
    _write_list(book, book.add_sheet("Recommendations"), rows, RECOMMENDATIONS)


def write_stores(book: Book, figures: Figures, *, cluster: int | None) -> None:
    """Write one row per store: its cluster, why, and the next best."""
    rows = _only(figures.stores, cluster)
    # earlier versions wrote no volume bands
    columns = [column for column in STORES if column[0] in rows]
    _write_list(book, book.add_sheet("Stores"), rows, columns)


def write_corrections(book: Book, figures: Figures) -> None:
    """Write one row per correction; no sheet where there is none."""
    if len(figures.corrections):
        sheet = book.add_sheet("Corrections")
        _write_list(book, sheet, figures.corrections, CORRECTIONS)


def write_profiles(book: Book, figures: Figures, *, cluster: int | None) -> None:
    """Write one row per cluster and feature, what sets it apart most first."""
    rows = _only(figures.profiles, cluster)
    sheet = book.add_sheet("Profiles")
    _write_list(book, sheet, rows, PROFILES)
    column = [name for name, *_ in PROFILES].index("index_value")
    sheet.conditional_format(1, column, len(rows), column, INDEX_COLOURS)


def _only(rows: pd.DataFrame, cluster: int | None) -> pd.DataFrame:
    return rows if cluster is None else rows[rows["cluster_id"] == cluster]


def _write_list(
    book: Book, sheet: Worksheet, rows: pd.DataFrame, columns: Columns
) -> None:
    names, titles, styles, widths = zip(*columns, strict=True)
    left = {"text", "wrapped"}
    heads = ["head" if style in left else "head_right" for style in styles]
    book.write_row(sheet, 0, titles, styles=heads)
    for number, values in enumerate(_plain(rows[list(names)]), start=1):
        book.write_row(sheet, number, values, styles=styles)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 41)
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)


def _plain(rows: pd.DataFrame) -> zip:
    """Return rows of Python's own types."""
    return zip(*(rows[name].tolist() for name in rows), strict=True)
