"""Published folders of every kind: older, incomplete, empty."""

import shutil
from pathlib import Path

import duckdb
import pandas as pd

from clustering.store.runs import CURRENT, DATABASE, RUNS, PublishedRun, current_run
from tests.dashboard.runs import write_run


def publish_copy(
    source: Path, target: Path, *, built: str, change: str | None = None
) -> Path:
    """Publish a copy of the run of ``source``, changed by SQL, as built at ``built``.

    Returns
    -------
    Path
        The folder of the run.
    """
    run = current_run(source)
    folder = target / RUNS / f"{built}-{run.name.split('-')[1]}"
    folder.mkdir(parents=True)
    shutil.copy(run.database, folder)
    if change:
        with duckdb.connect(str(folder / DATABASE)) as connection:
            connection.execute(change)
    (target / CURRENT).unlink(missing_ok=True)
    (target / CURRENT).symlink_to(Path(RUNS) / folder.name)
    return folder


def publish_tables(data: Path, **tables: pd.DataFrame) -> PublishedRun:
    """Publish a run of just these tables, for the commands that read no others."""
    published = data / "published"
    run = write_run(published / RUNS / "20261121T121500Z-3f9ac04b1e77", **tables)
    (published / CURRENT).symlink_to(run.folder)
    return run
