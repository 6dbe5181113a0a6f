"""Where things lie. The same variables as in dbt_project/profiles.yml."""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DBT_PROJECT = PROJECT / "dbt_project"
# What a build is made by.
CODE = [DBT_PROJECT / name for name in ("models", "macros", "seeds", "tests")]
CODE += [DBT_PROJECT / "dbt_project.yml", PROJECT / "ml"]

# Names of the input's files or folders.
TABLES = ("internal_sales", "need_state", "external_sales", "store_attributes")


@dataclass(frozen=True)
class Paths:
    """Folders and files below one data folder, DATA_DIR.

    Parameters
    ----------
    data : Path
        The data folder.
    internal, external : Path or None
        Folders of the internal and the external input, where they are not `raw`;
        without them, INTERNAL_DATA_DIR and EXTERNAL_DATA_DIR may say so.
    scenario : str or None
        Name of a scenario: it is built in a warehouse of its own.
    """

    data: Path
    internal: Path | None = None
    external: Path | None = None
    scenario: str | None = None

    @classmethod
    def from_environment(cls) -> "Paths":
        """Take DATA_DIR, or the project's own data folder."""
        return cls(Path(os.environ.get("DATA_DIR") or PROJECT / "data").resolve())

    @property
    def raw(self) -> Path:
        """Where input lies, unless something says otherwise."""
        return self.data / "raw"

    @property
    def internal_raw(self) -> Path:
        """Folder of internal_sales and need_state, as raw_folder.sql finds it."""
        found = self.internal or os.environ.get("INTERNAL_DATA_DIR") or self.raw
        return Path(found).resolve()

    @property
    def external_raw(self) -> Path:
        """Folder of store_attributes and external_sales, as raw_folder.sql finds it."""
        found = self.external or os.environ.get("EXTERNAL_DATA_DIR") or self.raw
        return Path(found).resolve()

    @property
    def raw_folders(self) -> list[Path]:
        """Folders of the input, each once."""
        return sorted({self.internal_raw, self.external_raw})

    @property
    def variables(self) -> dict[str, str]:
        """What tells dbt_project/profiles.yml and its raw macros where things lie."""
        given = {
            "DATA_DIR": self.data,
            "INTERNAL_DATA_DIR": self.internal,
            "EXTERNAL_DATA_DIR": self.external,
            "WAREHOUSE_DIR": self.warehouse.parent,
        }
        return {name: str(path) for name, path in given.items() if path}

    @property
    def truth(self) -> Path:
        """What the sample input was drawn from; read by tests alone."""
        return self.data / "truth"

    @property
    def warehouse(self) -> Path:
        """The database that dbt builds in; one process at a time."""
        folder = self.data / "warehouse"
        if self.scenario:
            folder = self.data / "scenarios" / self.scenario
        return folder / "store_clustering.duckdb"

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
