"""Run the real pipeline, and read its results from the warehouse."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.agreement import KEY
from clustering.core.paths import DBT_PROJECT, Paths

DBT = Path(sys.executable).parent / "dbt"
TABLES = {
    "clusters": "marts.store_clusters",
    "quality": "marts.cluster_quality",
    "summary": "marts.cluster_summary",
    "shares": "marts.store_need_state_shares",
    "stores": "marts.store_eligibility",
    "prepared": "clustering.internal_prepared",
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """Tables of one run, with default settings."""

    clusters: pd.DataFrame
    quality: pd.DataFrame
    summary: pd.DataFrame
    shares: pd.DataFrame
    stores: pd.DataFrame
    prepared: pd.DataFrame

    def labels(self, column: str) -> pd.Series:
        """Return a column of store_clusters by category and store_id."""
        return self.clusters.set_index(KEY)[column]

    def per_category(self, column: str) -> pd.Series:
        """Return a column of cluster_quality by category."""
        return self.quality.set_index("category")[column]

    @property
    def verdicts(self) -> pd.Series:
        """The verdict on each category, where the mart has one."""
        known = self.quality.assign(verdict=self.quality.get("verdict", "-"))
        return known.set_index("category")["verdict"].fillna("-")


def run_pipeline(raw: Path, *, data: Path) -> Run:
    """Build and test everything from the files in ``raw``, with default settings.

    Raises
    ------
    SystemExit
        If the build fails, with what dbt says about it.
    """
    paths = Paths(data)
    paths.warehouse.parent.mkdir(parents=True)
    folders = {"DATA_DIR": data, "INTERNAL_DATA_DIR": raw, "EXTERNAL_DATA_DIR": raw}
    quiet = ("--quiet", "--log-path", paths.logs)
    finished = subprocess.run(
        [DBT, *quiet, "build", "--target-path", data / "target"],
        cwd=DBT_PROJECT,
        env=os.environ | {name: str(path) for name, path in folders.items()},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise SystemExit(f"the build of {raw} failed\n{finished.stdout}")
    return _read_run(paths)


def _read_run(paths: Paths) -> Run:
    with duckdb.connect(paths.warehouse, read_only=True) as connection:
        tables = {name: connection.table(table).df() for name, table in TABLES.items()}
    return Run(**tables)
