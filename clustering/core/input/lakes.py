"""Delta and Iceberg tables, whose log says which of their files count: copied."""

import hashlib
from pathlib import Path

import duckdb

from clustering.core import sql
from clustering.core.errors import InputError
from clustering.core.files import renew
from clustering.core.input.extensions import connect_with
from clustering.core.input.remote import connected, is_remote, shown

KINDS = {"delta": "a Delta table", "iceberg": "an Iceberg table"}
# Per kind: the folder of its log, and the files there that say which version it is.
LOGS = {
    "delta": ("_delta_log", ".json"),
    "iceberg": ("metadata", ".metadata.json"),
}
SCANS = {
    "delta": "delta_scan({0})",
    # a catalog would know the newest version; without one, it is that of the last file
    "iceberg": "iceberg_scan({0}, allow_moved_paths = true)",
}


def kind_of(folder: Path) -> str | None:
    """Return which kind of table a folder is; None: of neither."""
    logs = ((kind, folder / log) for kind, (log, _) in LOGS.items())
    return next((kind for kind, log in logs if log.is_dir()), None)


def table_among(files: list[str]) -> tuple[str, str] | None:
    """Return the kind and the address of the table that has the files; None: of none.

    >>> table_among(["s3://a/sales/_delta_log/0.json", "s3://a/sales/x.parquet"])
    ('delta', 's3://a/sales')
    """
    for kind, (log, end) in LOGS.items():
        for file in files:
            folder, _, _ = file.rpartition("/")
            if folder.endswith(f"/{log}") and file.endswith(end):
                return kind, folder.removesuffix(f"/{log}")
    return None


def copy_table(place: str, kind: str, folder: Path) -> Path:
    """Return a copy of a table as parquet; it is made once for each of its versions.

    Parameters
    ----------
    place : str
        Its folder or address.
    kind : str
        delta or iceberg.
    folder : Path
        Where copies go.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    if is_remote(place):
        with connected(place, kind) as connection:
            return _copy(place, kind, folder, connection)
    with connect_with(kind, what=KINDS[kind]) as connection:
        try:
            return _copy(place, kind, folder, connection)
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error:
            raise InputError(
                f"{place}: {KINDS[kind]} that cannot be read; look whether all of its"
                " files are there, or export it as plain parquet"
            ) from None


def _copy(
    place: str, kind: str, folder: Path, connection: duckdb.DuckDBPyConnection
) -> Path:
    log, end = LOGS[kind]
    newest = sql.text(f"{sql.path(place)[1:-1]}/{log}/*{end}")
    [last] = connection.execute(
        "select max_by([filename, size::varchar, epoch(last_modified)::varchar],"
        f" filename) from read_blob({newest})"
    ).fetchall()
    address, version = (
        hashlib.sha256(str(said).encode()).hexdigest()[:12]
        for said in (shown(place) if is_remote(place) else place, last)
    )
    target = folder / f"{address}-{version}.parquet"
    if not target.exists():
        if kind == "iceberg":
            connection.execute("set unsafe_enable_version_guessing = true")
        rows = SCANS[kind].format(sql.text(place))
        renew(
            target,
            lambda file: connection.execute(
                f"copy (from {rows}) to {sql.text(file)} (format parquet)"
            ),
            is_copy=lambda name: name.startswith(f"{address}-"),
        )
    return target
