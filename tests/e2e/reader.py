"""A reader that reads continually: `python -m tests.e2e.reader FOLDER URL STOP`.

Reads the published DuckDB file, the Parquet files and PostgreSQL in turn, each as a BI
tool does, until the file STOP is there. Prints, as JSON, how many reads of each there
were, the runs that it saw, and what went wrong: a read that failed, or one that saw
rows of two runs.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import psycopg2

# The run, the runs of the clusters' rows, and whether all rows of the run are there.
WHOLE = """
    select
        (select run_id from {run}),
        (select string_agg(distinct run_id, ',') from {store_clusters}),
        (select count(*) from {store_clusters}),
        (
            select row_count from {run_row_counts}
            where table_name = 'store_clusters'
        )
"""
TABLES = ("run", "store_clusters", "run_row_counts")
# Seconds between rounds: readers that spin leave the builds no processor.
REST = 0.25


def read_database(folder: Path) -> tuple:
    """Open the DuckDB file by its stable name."""
    names = {table: table for table in TABLES}
    with duckdb.connect(str(folder / "store_clustering.duckdb"), read_only=True) as one:
        return one.execute(WHOLE.format(**names)).fetchone()


def read_files(folder: Path) -> tuple:
    """Open several Parquet files of what is current."""
    current = (folder / "current").resolve()
    names = {table: f"'{current}/{table}.parquet'" for table in TABLES}
    return duckdb.sql(WHOLE.format(**names)).fetchone()


def read_one_file(folder: Path) -> tuple:
    """Open one Parquet file by its stable name."""
    file = folder / "store_clusters.parquet"
    return duckdb.sql(
        f"select min(run_id), max(run_id), count(*), count(*) from '{file}'"
    ).fetchone()


def read_postgres(url: str) -> tuple:
    """Query one table after the other, in a transaction."""
    connection = psycopg2.connect(url)
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select run_id from store_clustering.run")
            (run_id,) = cursor.fetchone()
            names = {table: f"store_clustering.{table}" for table in TABLES}
            cursor.execute(WHOLE.format(**names))
            found = cursor.fetchone()
            assert found[0] == run_id, f"{run_id}, then {found[0]}"
            return found
    finally:
        connection.close()


def main() -> None:
    """Read until told to stop, and say how it went."""
    folder, url, stop = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    reads: dict[str, Callable[[], tuple]] = {
        "database": lambda: read_database(folder),
        "files": lambda: read_files(folder),
        "one file": lambda: read_one_file(folder),
        "postgres": lambda: read_postgres(url),
    }
    counts = dict.fromkeys(reads, 0)
    runs, wrong = [], []
    while not stop.exists():
        for name, read in reads.items():
            counts[name] += 1
            try:
                run, of_rows, rows, wanted = read()
            except Exception as error:  # noqa: BLE001 whatever it is, a reader failed
                wrong.append(f"{name}: {error}")
                continue
            if (run, rows) != (of_rows, wanted):
                wrong.append(f"{name}: {run} {of_rows}, {rows} of {wanted} rows")
            if run not in runs:
                runs.append(run)
        time.sleep(REST)
    sys.stdout.write(json.dumps({"counts": counts, "runs": runs, "wrong": wrong}))


if __name__ == "__main__":
    main()
