"""What Airflow costs: a whole run of the DAG against a bare `dbt build`, in turn.

    python -m benchmarks.scheduled [--raw FOLDER] [--pairs 3]

Both read the same input, each in a data folder of its own, and both have run once
before, so that neither reads the dbt project for the first time. Neither keeps what is
fitted already. A run is timed from the call that triggers it to the end that Airflow
shows.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.stages import DBT, make_sample
from clustering.core.paths import DBT_PROJECT
from tests.dags.client import Airflow, airflow_in

DAG = "store_clustering"


def main() -> None:
    """Time pairs of runs and print them with their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, help="folder of the four input tables")
    parser.add_argument("--pairs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = arguments.raw.resolve() if arguments.raw else make_sample(folder)
        input = {"INTERNAL_DATA_DIR": str(raw), "EXTERNAL_DATA_DIR": str(raw)}
        with airflow_in(folder / "scheduled", **input) as airflow:
            time_run(airflow)
            time_build(folder / "bare", input)
            pairs = [
                (time_build(folder / "bare", input), time_run(airflow))
                for _ in range(arguments.pairs)
            ]
    print_pairs(pairs)


def time_build(data: Path, input: dict[str, str]) -> float:
    """Return the seconds of a bare `dbt build`."""
    (data / "warehouse").mkdir(parents=True, exist_ok=True)
    folder = str(DBT_PROJECT)
    where = ["--project-dir", folder, "--profiles-dir", folder]
    target = ["--target-path", str(data / "target"), "--log-path", str(data)]
    started = time.monotonic()
    subprocess.run(
        [DBT, "build", "--full-refresh", *where, *target],
        env=os.environ | input | {"DATA_DIR": str(data)},
        capture_output=True,
        check=True,
    )
    return time.monotonic() - started


def time_run(airflow: Airflow) -> float:
    """Return the seconds of a run of the whole DAG."""
    started = time.monotonic()
    run = airflow.trigger(DAG, full_refresh=True)
    state = airflow.wait(DAG, run, seconds=1200)
    if state != "success":
        raise SystemExit(f"Error: the run ended in {state}; see {airflow.data}")
    return time.monotonic() - started


def print_pairs(pairs: list[tuple[float, float]]) -> None:
    """Print every pair, and the median ratio."""
    table = Table("dbt build, s", "DAG run, s", "ratio")
    for bare, run in pairs:
        table.add_row(f"{bare:.1f}", f"{run:.1f}", f"{run / bare:.2f}")
    console = Console()
    console.print(table)
    ratio = statistics.median(run / bare for bare, run in pairs)
    console.print(f"median ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
