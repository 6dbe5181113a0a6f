"""The fit of a run: its fitted tables, for builds that take it in place of their own.

They lie in the folder ``fit`` of each published run, as Parquet. With
``refit_when: never``, a build reads those of the live version, whatever the last build
fitted, and assigns stores to its clusters.
"""

from pathlib import Path

import duckdb

from clustering.core import sql
from clustering.core.errors import PipelineError
from clustering.core.settings import Settings
from clustering.store.models import read_manifest
from clustering.store.runs import PublishedRun, current_run
from ml.reuse import FINGERPRINT
from ml.settings import Method

FOLDER = "fit"
# What is fitted category by category says from what; these are kept beside it.
FITTED = """
    select table_name
    from duckdb_columns()
    where
        database_name = 'build'
        and schema_name = 'clustering'
        and column_name = $column
    union
    values ('external_scopes'), ('fitted_sales')
    order by table_name
"""
REMEDY = "fit one, and approve it: clustering run --param refit_when=changed"


def write_fit(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the fitted tables of a build into a new folder.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Has the warehouse attached as ``build``.
    folder : Path
        The folder of the run.
    """
    (folder / FOLDER).mkdir()
    for (table,) in connection.execute(FITTED, {"column": FINGERPRINT}).fetchall():
        file = sql.text(folder / FOLDER / f"{table}.parquet")
        connection.execute(
            f"copy build.clustering.{sql.name(table)} to {file}"
            " (format parquet, compression zstd)"
        )


def open_fit(published: Path, settings: Method) -> list[Path]:
    """Return the files of the live version's fitted tables.

    Parameters
    ----------
    published : Path
        The published folder.
    settings : Method
        Those of the build, which have to be those of the fit.

    Raises
    ------
    PipelineError
        If no version with its fit is live, or it was fitted with other settings.
    """
    live = current_run(published)
    if live is None:
        raise PipelineError(
            f"refit_when is never, and no version is live in {published} that stores"
            f" could be assigned by; {REMEDY}"
        )
    files = sorted((live.folder / FOLDER).glob("*.parquet"))
    if not files:
        raise PipelineError(
            f"refit_when is never, and the live version {live.name} has no fit: an"
            f" earlier version of this project published it; {REMEDY}"
        )
    _check_settings(live, settings)
    return files


def sign_fit(published: Path, settings: Settings) -> list[tuple[str, ...]]:
    """Return which fit a build takes: what each fitted table was made from.

    Parameters
    ----------
    published : Path
        The published folder.
    settings : Settings
        Those of the build.

    Returns
    -------
    list of tuple
        Tables, categories and fingerprints; empty where the build makes its own fit.
    """
    live = current_run(published) if settings.refit_when == "never" else None
    if live is None:
        return []
    return [
        (file.stem, *row)
        for file in sorted((live.folder / FOLDER).glob("*.parquet"))
        if FINGERPRINT in (table := duckdb.read_parquet(str(file))).columns
        for row in table.project(f"category, {FINGERPRINT}")
        .distinct()
        .order("all")
        .fetchall()
    ]


def _check_settings(live: PublishedRun, settings: Method) -> None:
    then = read_manifest(live)["settings"]
    for name in Method.model_fields:
        value = getattr(settings, name)
        if name in then and then[name] != value:
            raise PipelineError(
                f"refit_when is never, and {name} is {value}, but {then[name]} in the"
                f" live version {live.name}, whose fit is kept; set it back, or"
                f" {REMEDY}"
            )
