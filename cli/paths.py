"""Where things lie. The same variables as in dbt_project/profiles.yml."""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DBT_PROJECT = PROJECT / "dbt_project"

# Names of the input's files or folders.
TABLES = ("internal_sales", "need_state", "external_sales", "store_attributes")


@dataclass(frozen=True)
class Paths:
    """Folders and files below one data folder, DATA_DIR."""

    data: Path

    @classmethod
    def from_environment(cls) -> "Paths":
        """Take DATA_DIR, or the project's own data folder."""
        return cls(Path(os.environ.get("DATA_DIR") or PROJECT / "data").resolve())

    @property
    def raw(self) -> Path:
        """Input, unless INTERNAL_DATA_DIR or EXTERNAL_DATA_DIR say otherwise."""
        return self.data / "raw"

    @property
    def truth(self) -> Path:
        """What the sample input was drawn from; read by tests alone."""
        return self.data / "truth"

    @property
    def warehouse(self) -> Path:
        """The database that dbt builds in; one process at a time."""
        return self.data / "warehouse" / "store_clustering.duckdb"

    @property
    def record(self) -> Path:
        """Which run of Airflow built each stage of the warehouse last."""
        return self.warehouse.with_suffix(".json")

    @property
    def target(self) -> Path:
        """What dbt keeps between two runs of Airflow, beside the warehouse."""
        return self.warehouse.parent / "target"

    @property
    def published(self) -> Path:
        """Folder of the last good run, for everyone to read."""
        return self.data / "published"

    @property
    def database(self) -> Path:
        """The last good run as one DuckDB file."""
        return self.published / "store_clustering.duckdb"

    @property
    def logs(self) -> Path:
        """Folder of dbt's own log, with every statement."""
        return self.data / "logs"
