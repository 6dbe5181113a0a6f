"""Published folders as they may be: older, poorer, empty."""

import shutil
from pathlib import Path

import duckdb

from serving.runs import CURRENT, DATABASE, RUNS, current_run


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
