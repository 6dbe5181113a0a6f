"""Export: the stores of each cluster as a file, or a workbook per category."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import duckdb

from clustering.core import sql
from clustering.core.errors import ArgumentError
from clustering.core.files import replacing
from clustering.export.formulas import disarm_table
from clustering.export.workbook import write_workbook
from clustering.queries import stores
from clustering.queries.selection import Selection, list_categories
from clustering.store.runs import PublishedRun

# Formats of one file for all stores, with what DuckDB calls them.
COPY_OPTIONS = {
    "csv": "format csv, header",
    "json": "format json, array",
    "parquet": "format parquet",
}

# Of a category in a file's name, which has 255 at most, with all that is added.
MOST_BYTES = 100
# No file of Windows has such a name, whatever it ends in.
DEVICES = re.compile("con|prn|aux|nul|(com|lpt)[0-9¹²³]", re.IGNORECASE)


def export_stores(
    run: PublishedRun, selection: Selection, *, file_format: str, output: Path
) -> Path:
    """Write one row per store and category: its cluster, sales and place.

    Parameters
    ----------
    run : PublishedRun
        The run to export.
    selection : Selection
        The category and the cluster to export, or all.
    file_format : {"csv", "json", "parquet"}
        In json it is an array of objects.
    output : Path
        The file, or the folder to write it to; what is there is replaced at once.

    Returns
    -------
    Path
        The file that was written.
    """
    name = _name_stores(run, selection)
    target = _choose_file(output, name, suffix=f".{file_format}")
    with replacing(target) as temporary:
        _copy_stores(run, selection, temporary, options=COPY_OPTIONS[file_format])
    return target


def export_workbooks(
    run: PublishedRun,
    selection: Selection,
    *,
    output: Path,
    progress: Callable[[Iterable[str]], Iterable[str]] = iter,
) -> list[Path]:
    """Write a workbook for each category, and return the files.

    Parameters
    ----------
    run : PublishedRun
        The run to export.
    selection : Selection
        The only category, or all; and the only cluster that is listed.
    output : Path
        The folder to write to; for one category it may be the file.
    progress : callable
        Wraps the categories in a progress bar, like ``tqdm``.
    """
    files = name_files(list_categories(run))
    categories = list(files) if selection.category is None else [selection.category]
    targets = {
        category: _choose_workbook(output, files[category], selection)
        for category in categories
    }
    for category in progress(categories):
        with replacing(targets[category]) as temporary:
            write_workbook(run, temporary, category=category, cluster=selection.cluster)
    return list(targets.values())


def name_files(names: Sequence[str]) -> dict[str, str]:
    """Return a file name for each name: legal on any system, and no two alike.

    >>> name_files(["BEER", "BEER/WINE", "BEER:WINE", "beer", "..", "AUX"])
    {'BEER': 'BEER', 'BEER/WINE': 'BEER_WINE', 'BEER:WINE': 'BEER_WINE-2', \
'beer': 'beer-2', '..': '_', 'AUX': 'AUX_'}
    """
    given: dict[str, str] = {}
    for name in names:
        legal = _make_legal(name)
        taken = {other.casefold() for other in given.values()}
        numbered = (f"{legal}-{number}" for number in range(2, len(names) + 2))
        candidates = [legal, *numbered]
        given[name] = next(free for free in candidates if free.casefold() not in taken)
    return given


def _make_legal(name: str) -> str:
    legal = re.sub(r"[^\w &+,-]+", "_", name)
    # file systems count bytes, and a letter may have four
    legal = legal.encode()[:MOST_BYTES].decode(errors="ignore").strip() or "_"
    return f"{legal}_" if DEVICES.fullmatch(legal) else legal


def _copy_stores(
    run: PublishedRun, selection: Selection, target: Path, *, options: str
) -> None:
    found = stores.located(run, category=selection.category, cluster=selection.cluster)
    with duckdb.connect() as connection:
        connection.register(
            "stores", disarm_table(found) if "csv" in options else found
        )
        connection.execute(f"copy stores to {sql.text(target)} ({options})")


def _name_stores(run: PublishedRun, selection: Selection) -> str:
    if selection.category is None:
        return "store_clusters"
    category = name_files(list_categories(run))[selection.category]
    return "store_clusters-" + _with_cluster(category, selection)


def _with_cluster(name: str, selection: Selection) -> str:
    return name if selection.cluster is None else f"{name}-cluster-{selection.cluster}"


def _choose_workbook(output: Path, name: str, selection: Selection) -> Path:
    if selection.category is None and output.suffix == ".xlsx":
        raise ArgumentError(
            f"--output {output} is one file, and there is a workbook per category;"
            " give a folder, or --category"
        )
    return _choose_file(output, _with_cluster(name, selection), suffix=".xlsx")


def _choose_file(output: Path, name: str, *, suffix: str) -> Path:
    """Return `output` where it is a file's name, else the file `name` in it."""
    if output.is_dir() or not output.suffix:
        return output / f"{name}{suffix}"
    if output.suffix != suffix:
        raise ArgumentError(
            f"--output {output} ends in {output.suffix}, expected {suffix} or a folder"
        )
    return output
