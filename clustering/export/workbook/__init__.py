"""The workbook of a category, for merchandisers to print, filter and read."""

from pathlib import Path

from clustering.export.workbook.book import Book
from clustering.export.workbook.grids import write_grids
from clustering.export.workbook.lists import (
    write_corrections,
    write_profiles,
    write_recommendations,
    write_stores,
)
from clustering.export.workbook.summary import write_summary
from clustering.queries.workbook import read_figures
from clustering.store.runs import PublishedRun


def write_workbook(
    run: PublishedRun, target: Path, *, category: str, cluster: int | None = None
) -> None:
    """Write the workbook of a category; the same run gives the same bytes.

    Sheets: the summary, what is recommended, a grid for each dimension that is sold by
    (need states, CDT, attributes), the stores, the profiles of the clusters, and what
    people corrected.

    Parameters
    ----------
    run : PublishedRun
        The run that it is of.
    target : Path
        The file to write.
    category : str
        The category, as the run spells it.
    cluster : int or None
        The only cluster whose recommendations, stores and profile are listed. The
        summary and the grids have all clusters, to compare it with.
    """
    figures = read_figures(run, category)
    with Book.create(target, title=category, created=run.built_at) as book:
        summary = book.add_sheet("Summary")
        write_recommendations(book, figures, cluster=cluster)
        controls = write_grids(book, figures)
        write_stores(book, figures, cluster=cluster)
        write_profiles(book, figures, cluster=cluster)
        write_corrections(book, figures)
        write_summary(book, summary, figures, controls=controls, cluster=cluster)
