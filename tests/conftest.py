"""Shared fixtures: real input, and runs of the real command."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import Phase, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from clustering.core.paths import Paths
from clustering.sample import write_sample
from clustering.store.runs import PublishedRun, current_run
from tests.forked import run_forked
from tests.postgres import postgres

# Lets scikit-learn run all of its estimator checks; read when SciPy is imported.
os.environ["SCIPY_ARRAY_API"] = "1"

# Property tests draw the same few examples in every run, store none, and do not spend
# minutes on making one that fails smaller.
settings.register_profile(
    "reproducible",
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("reproducible")

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"
CLUSTERING = Path(sys.executable).parent / "clustering"

# Two workers of pytest do not share what dbt writes into the project while it works.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
TARGET = {"DBT_TARGET_PATH": str(PROJECT / "build" / WORKER)} if WORKER else {}

# Folders whose files share a server: Airflow, or the docs site.
SHARE = ["tests/dags/", "tests/docs/"]

# What takes longest begins first: else one worker ends with it, and the other waits.
LONGEST = ["tests/dags/", "tests/e2e/", "tests/docs/", "tests/test_wheel.py"]

# The settings of the small sample's run: few resamples.
FEW = ("--param", "bootstrap_resamples=5")

# Makes a folder by its name, unless it is there.
MakeOnce = Callable[[str, Callable[[Path], object]], Path]

# What the command runs.
CODE = ("clustering", "configs", "dbt_project", "ml")

# What no run of a user has in its environment.
UNSET = {"INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR", "DBT_THREADS", "SCIPY_ARRAY_API"}
# pytest-xdist sets it for its workers.
UNSET |= {"COLUMNS"}

# Nor do tests publish to somebody's database.
for environment in ("PUBLISH", "DEV", "STAGING", "PROD"):
    os.environ.pop(f"{environment}_POSTGRES_DSN", None)
os.environ.pop("MLFLOW_TRACKING_URI", None)


class _BySharing(LoadScopeScheduling):
    """Keeps on one worker what shares a server or a built sample."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in SHARE if file.startswith(folder)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Producer
) -> LoadScopeScheduling:
    """Share the tests out: xdist 3.8 loses the groups of pytest 9.2."""
    return _BySharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first; what is alike stays in order."""

    def rank(item: pytest.Item) -> int:
        place = (n for n, path in enumerate(LONGEST) if item.nodeid.startswith(path))
        return next(place, len(LONGEST))

    items.sort(key=rank)


@pytest.fixture(scope="session", autouse=True)
def _environment_of_tests() -> Iterator[None]:
    """Fail where something that ran in this process left variables of a build."""
    names = {"DATA_DIR", "WAREHOUSE_DIR", "INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR"}
    before = {name: os.environ.get(name) for name in names}
    yield
    assert {name: os.environ.get(name) for name in names} == before


def copy_code(folder: Path) -> Path:
    """Copy what the command runs, to be changed; PYTHONPATH leads there."""
    ignored = shutil.ignore_patterns("target", "logs", "__pycache__")
    for name in CODE:
        shutil.copytree(PROJECT / name, folder / name, ignore=ignored)
    return folder


def run_environment(data: Path, **variables: str) -> dict[str, str]:
    """Return the variables of a command that works on the folder ``data``."""
    inherited = {name: value for name, value in os.environ.items() if name not in UNSET}
    return inherited | TARGET | {"DATA_DIR": str(data)} | variables


def run_clustering(
    *arguments: str | Path, data: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the `clustering` command in a process of its own, as a user does."""
    environment = run_environment(data, **variables)
    return run_forked("clustering", arguments, env=environment)


def publish_from(raw: Path, *options: str, data: Path, **variables: str) -> Path:
    """Run the pipeline on ``raw`` and return the folder it published to."""
    result = run_clustering("run", "--raw", raw, *options, data=data, **variables)
    assert result.returncode == 0, result.stdout + result.stderr
    return data / "published"


def parquet_bytes(published: Path) -> dict[str, bytes]:
    """Return the published marts, byte for byte; not when and how they were made."""
    when = ("run.parquet", "cluster_versions.parquet", "cluster_history.parquet")
    return {
        path.name: path.read_bytes()
        for path in sorted(published.glob("*.parquet"))
        if path.name not in when and not path.name.startswith("run_")
    }


def copy_data(data: Path, target: Path) -> Path:
    """Copy what was built and published, to be built and published again."""
    for name in ("published", "warehouse"):
        shutil.copytree(data / name, target / name, symlinks=True, dirs_exist_ok=True)
    shutil.copy2(Paths(data).registry, Paths(target).registry)
    return target


def shuffle_tables(source: Path, target: Path) -> None:
    """Copy parquet tables with their rows in another order."""
    target.mkdir()
    for table in source.glob("*.parquet"):
        duckdb.sql(f"from '{table}' order by hash(columns(*)::varchar)").write_parquet(
            str(target / table.name)
        )


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory) -> MakeOnce:
    """Return what makes a folder once for all workers of pytest; not to be changed.

    Who comes while another makes it waits, and who comes later has it at once. What
    could not be made is tried again by the next one.
    """
    base = tmp_path_factory.getbasetemp()
    base = base.parent if WORKER else base

    def once(name: str, make: Callable[[Path], object]) -> Path:
        folder, made = base / name, base / f"{name}.made"
        with (base / f"{name}.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            if not made.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                made.touch()
        return folder

    return once


@pytest.fixture(scope="session")
def sample_folder(make_once: MakeOnce) -> Path:
    """Sample input as `make demo` makes it; the truth is in the folder `truth`."""

    def generate(folder: Path) -> None:
        result = run_clustering("generate", data=folder)
        assert result.returncode == 0, result.stderr

    return make_once("sample", generate)


@pytest.fixture(scope="session")
def sample_data(sample_folder: Path, make_once: MakeOnce) -> Path:
    """Run the pipeline on the sample, once."""
    raw = sample_folder / "raw"
    return make_once("sample_data", lambda data: publish_from(raw, data=data))


@pytest.fixture(scope="session")
def sample_published(sample_data: Path) -> Path:
    """Marts of the sample."""
    return sample_data / "published"


def write_small_sample(folder: Path, **options: int | str) -> None:
    """Write parquet files of 45 stores, the truth in a folder beside."""
    write_sample(
        folder,
        truth=folder.parent / "truth",
        format="parquet",
        progress=lambda message: None,
        **{"stores": 45} | options,
    )


@pytest.fixture(scope="session")
def small_folder(make_once: MakeOnce) -> Path:
    """Parquet files of a sample that takes no time to read."""
    size = {"categories": 2, "weeks": 8, "skus": 40, "seed": 1}
    small = make_once("small", lambda to: write_small_sample(to / "raw", **size))
    return small / "raw"


@pytest.fixture(scope="session")
def small_data(small_folder: Path, make_once: MakeOnce) -> Paths:
    """Run the pipeline on the small sample, once."""
    return Paths(
        make_once("small_data", lambda to: publish_from(small_folder, *FEW, data=to))
    )


@pytest.fixture
def paths(small_data: Paths, tmp_path: Path) -> Paths:
    """Copy it, to be changed."""
    return Paths(copy_data(small_data.data, tmp_path))


@pytest.fixture(scope="session")
def small_run(small_data: Paths) -> PublishedRun:
    """Return the run that is published there."""
    return current_run(small_data.published)


@pytest.fixture(scope="session")
def iowa_folder() -> Path:
    """Real input, where the folder ../shared is there."""
    folder = SHARED / "data" / "iowa_liquor"
    if not folder.exists():
        pytest.skip("needs ../shared")
    return folder


@pytest.fixture(scope="session")
def iowa_published(iowa_folder: Path, make_once: MakeOnce) -> Path:
    """Marts of the real input."""
    data = make_once("iowa", lambda to: publish_from(iowa_folder, data=to))
    return data / "published"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start a PostgreSQL server, and give its URL."""
    with postgres() as url:
        yield url
