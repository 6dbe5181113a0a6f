"""The project is parsed once per settings and target, and kept."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from clustering.core import dbt
from clustering.core.dbt import Target, list_nodes
from clustering.core.errors import SettingsError
from clustering.core.paths import Paths, dbt_environment

DRIVERS = {
    "model.store_clustering.driver_importance",
    "model.store_clustering.external_drivers",
}


# dbt closes its log when it opens the next one
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("project")


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the commands that parsed the project."""
    seen: list[list[str]] = []
    run = dbt.invoke

    def invoke(command, **options):
        if "parse" in command:
            seen.append(command)
        return run(command, **options)

    monkeypatch.setattr(dbt, "invoke", invoke)
    return seen


def drivers(folder: Path, **settings: object) -> set[str]:
    """Return the models of one selector, with the project as it is parsed."""
    found = list_nodes(
        Paths(folder / "data"),
        "drivers",
        settings=settings,
        target=Target(path=folder / "target"),
    )
    return {node for node in found if node.startswith("model.")}


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "target" / "parsed").iterdir())


def test_the_project_is_parsed_once_for_the_same_settings(folder, parses):
    assert drivers(folder) == drivers(folder) == DRIVERS
    assert len(parses) == len(kept(folder)) == 1
    drivers(folder, external_feature_selection="drivers")
    assert drivers(folder, external_feature_selection="drivers") == DRIVERS
    drivers(folder)
    assert len(parses) == len(kept(folder)) == 2


def test_a_setting_that_sql_only_prints_is_no_reason_to_parse(folder, parses):
    drivers(folder)
    parses.clear()
    drivers(folder, n_init=2, k_margin=0.5, max_clusters=3)
    assert parses == []


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.sql", "limit {{ var('most') }} -- {{ ref('b') }}", set()),
        ("a.sql", "in ({{ text_list(var('names')) }})", set()),
        ("a.sql", "{% if var('which') %}{{ ref('b') }}{% endif %}", {"which"}),
        ("a.sql", "from {{ ref(var('which')) }}", {"which"}),
        ("a.sql", "{{ config(enabled=var(\n 'which', true)) }}", {"which"}),
        ("a.sql", "{% if var(name) %}{{ ref('b') }}{% endif %}", {""}),
        ("a.yml", "+enabled: \"{{ var('which') }}\"", {"which"}),
        ("a.py", "var('which')", set()),
    ],
)
def test_vars_that_the_structure_may_depend_on(name, text, found):
    assert dbt._vars_of_structure(Path(name), text.encode()) == found


def test_what_is_damaged_is_parsed_again(folder, parses):
    drivers(folder)
    file = max(kept(folder), key=lambda one: one.stat().st_mtime)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    parses.clear()
    assert drivers(folder) == DRIVERS
    assert len(parses) == 1
    assert len(file.read_bytes()) > len(whole) / 2


def test_only_the_last_few_are_kept(folder, monkeypatch):
    drivers(folder)
    before = kept(folder)
    monkeypatch.setattr(dbt, "MOST_KEPT", 1)
    drivers(folder, volume_bands=["small", "large"])
    [last] = kept(folder)
    assert last not in before


def test_the_environment_is_as_before_whatever_happens(tmp_path, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_DIR", "elsewhere")
    monkeypatch.delenv("DATA_DIR", raising=False)
    before, seen = dict(os.environ), {}
    paths = Paths(tmp_path)

    def fail() -> None:
        with dbt_environment(paths, tmp_path, MORE="1"):
            seen.update(os.environ)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    given = ("DATA_DIR", "INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR")
    assert all(seen[name] == str(tmp_path) for name in given)
    assert seen["WAREHOUSE_DIR"] == str(tmp_path / "warehouse")
    assert seen["MORE"] == "1"
    assert dict(os.environ) == before


@pytest.mark.parametrize("name", ["min_clusters", "algorithm", "must_keep_columns"])
def test_a_setting_that_cannot_be_is_refused_before_dbt_renders_it(
    folder, monkeypatch, name
):
    monkeypatch.setenv("SECRET", "s3cret")
    with pytest.raises(SettingsError, match=f"{name}=.*env_var") as error:
        drivers(folder, **{name: "{{ env_var('SECRET') }}"})
    assert "s3cret" not in str(error.value)


def test_who_runs_out_of_memory_is_told_how_to_take_less(monkeypatch):
    monkeypatch.setenv("DBT_THREADS", "4")
    with (
        duckdb.connect(config={"memory_limit": "20MB", "temp_directory": ""}) as small,
        pytest.raises(duckdb.OutOfMemoryException) as error,
    ):
        small.execute("select list(range) from range(100_000_000)").fetchall()
    [problem] = dbt.problems_in(str(error.value), name="int_sku_sales: ")
    said = str(problem)
    assert said.startswith("int_sku_sales: not enough memory: Out of Memory Error")
    assert "for 4 models at a time" in said
    assert "clustering run --memory-optimized (1 GB" in said
    assert "DBT_THREADS=1" in said
    assert "\n" not in said


# Each of dbt's events begins a thread that asks for more memory than there can be.
LOSES_A_THREAD = """
import logging, threading
from clustering.core.dbt import WHERE, invoke
logging.getLogger("clustering").propagate = False
logging.getLogger("clustering").addHandler(logging.NullHandler())
def lose_a_thread(event):
    thread = threading.Thread(target=bytearray, args=(2**62,))
    thread.start()
    thread.join()
invoke(["--log-level", "none", "parse", *WHERE], listeners=[lose_a_thread])
"""


def test_a_thread_that_failed_ends_the_process_instead_of_hanging_it(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", LOSES_A_THREAD],
        env=os.environ | {"DATA_DIR": str(tmp_path), "DBT_LOG_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    [line] = ended.stderr.splitlines()
    assert line.startswith("Error: not enough memory: MemoryError")
    assert line.endswith("[E440]")
    assert ended.returncode == 4
