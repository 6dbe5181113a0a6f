"""Files: a scratch database on disk, and results that appear whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pandas as pd

MEMORY_LIMIT = "1GB"
WRITE_OPTIONS = {
    "parquet": "format parquet, compression zstd",
    "csv": "format csv, header, nullstr ''",
}


@contextmanager
def open_staging(folder: Path) -> Iterator[Path]:
    """Yield a hidden folder inside `folder`, removed whatever happens."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".sample-", dir=folder) as name:
        yield Path(name)


def open_scratch(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return an empty database on disk; one thread, so that order is kept."""
    settings = {
        "memory_limit": MEMORY_LIMIT,
        "threads": 1,
        "temp_directory": str(folder),
    }
    return duckdb.connect(folder / "scratch.duckdb", config=settings)


def copy_query(scratch: duckdb.DuckDBPyConnection, query: str, *, target: Path) -> int:
    """Write a query's rows in the format of the target's suffix; return how many."""
    options = WRITE_OPTIONS[target.suffix[1:]]
    path = str(target).replace("'", "''")
    written = scratch.execute(f"copy ({query}) to '{path}' ({options})").fetchone()
    return written[0]


def copy_frame(
    scratch: duckdb.DuckDBPyConnection, frame: pd.DataFrame, *, target: Path
) -> int:
    """Write a frame in the format of the target's suffix; return the rows."""
    scratch.register("frame", frame)
    rows = copy_query(scratch, "select * from frame", target=target)
    scratch.unregister("frame")
    return rows


def publish(staged: Path, *, folder: Path, names: list[str]) -> None:
    """Move files to their place, each by one atomic rename."""
    for name in names:
        (staged / name).replace(folder / name)
