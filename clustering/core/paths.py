"""Where files are. The same variables as in dbt_project/profiles.yml."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clustering.core.errors import SettingsError

# Where the packages lie: in a checkout that is the project; else site-packages.
_INSTALLED = Path(__file__).resolve().parents[2]
_MARK = Path("dbt_project") / "dbt_project.yml"


def _find_project() -> Path:
    """Return the folder of dbt_project/ and configs/.

    That is CLUSTERING_PROJECT, else the checkout that this module lies in, else the
    nearest folder from here upwards that `clustering init` made; else, where there is
    none yet, this one.
    """
    if given := os.environ.get("CLUSTERING_PROJECT"):
        return Path(given).resolve()
    here = Path.cwd()
    places = (_INSTALLED, here, *here.parents)
    return next((place for place in places if (place / _MARK).exists()), here)


PROJECT = _find_project()
IS_CHECKOUT = PROJECT == _INSTALLED
DBT_PROJECT = PROJECT / "dbt_project"
# What `clustering init` copies; there in a wheel alone: a checkout is a project itself.
TEMPLATE = _INSTALLED / "clustering" / "project"
# File of the environment whose `input:` maps the raw tables; empty: none does.
CONFIG_VARIABLE = "CLUSTERING_CONFIG"
# What a build is made by.
_OURS = ("contract.py", "input", "mapping.py", "plugin.py", "seam.py", "seeds")
_WORDS = tuple(f"words.{suffix}" for suffix in ("py", "sql", "yml"))
CODE = [
    *(DBT_PROJECT / name for name in ("models", "macros", "seeds", "tests")),
    DBT_PROJECT / "dbt_project.yml",
    _INSTALLED / "ml",
    *(_INSTALLED / "clustering" / "core" / name for name in _OURS + _WORDS),
    _INSTALLED / "clustering" / "store" / "plugin.py",
]


def check_project() -> None:
    """Refuse to go on without a project.

    Raises
    ------
    SettingsError
        If there is none; it says how to make one.
    """
    if not (PROJECT / _MARK).exists():
        raise SettingsError(
            f"there is no project in {PROJECT} or above it; make one here:"
            " clustering init, or say where it is: CLUSTERING_PROJECT"
        )


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
    config : Path or None
        File of the environment, if it maps the raw tables.
    seam : Path or None
        Folder of the tables that preprocessing has made, if a build goes on from it.
    """

    data: Path
    internal: Path | None = None
    external: Path | None = None
    scenario: str | None = None
    config: Path | None = None
    seam: Path | None = None

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
        """Folder of internal_sales and need_state, as dbt finds it."""
        found = self.internal or os.environ.get("INTERNAL_DATA_DIR") or self.raw
        return Path(found).resolve()

    @property
    def external_raw(self) -> Path:
        """Folder of store_attributes and external_sales, as dbt finds it."""
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
            "SEAM_DIR": self.seam,
        }
        config = {CONFIG_VARIABLE: str(self.config or "")}
        return {name: str(path) for name, path in given.items() if path} | config

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
    def registry(self) -> Path:
        """What is recorded of builds, commands and versions: one SQLite file."""
        return self.data / "registry.sqlite"

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


def warehouse_name(file: Path, data: Path) -> str:
    """Return the folder of a warehouse, relative to the data folder if it is in there.

    >>> warehouse_name(Path("/data/warehouse/store_clustering.duckdb"), Path("/data"))
    'warehouse'
    """
    folder, data = file.resolve().parent, data.resolve()
    return str(folder.relative_to(data) if folder.is_relative_to(data) else folder)


def data_folder(project: Path | None = None) -> Path:
    """Return the data folder that dbt works on: DATA_DIR, else beside the project.

    Parameters
    ----------
    project : Path or None
        The folder of the dbt project; None: that in which dbt runs.
    """
    place = os.environ.get("DATA_DIR") or "../data"
    return ((project or Path()) / place).resolve()


@contextmanager
def dbt_environment(
    paths: Paths, raw: Path | None = None, **more: str
) -> Generator[None]:
    """Tell dbt_project/profiles.yml and the checks of the input where things lie.

    Parameters
    ----------
    paths : Paths
        The folders; that of the warehouse is made.
    raw : Path or None
        Folder of all four tables, if it is not as the paths say.
    **more : str
        More variables. All are as before when the context ends.
    """
    paths.warehouse.parent.mkdir(parents=True, exist_ok=True)
    variables = paths.variables | more
    if raw is not None:
        folder = str(raw.resolve())
        variables |= {"INTERNAL_DATA_DIR": folder, "EXTERNAL_DATA_DIR": folder}
    before = {name: os.environ.get(name) for name in variables}
    os.environ |= variables
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
