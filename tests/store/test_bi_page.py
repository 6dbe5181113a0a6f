"""The recipes of docs/bi.md, each run unchanged.

What needs DuckDB's own program or Superset is in tests/bi.
"""

import datetime
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import psycopg2
import pytest
from pydantic import SecretStr

from clustering.core.paths import Paths
from clustering.store.postgres import load
from clustering.store.runs import PublishedRun
from tests.conftest import CLUSTERING
from tests.pages import block, blocks

PAGE = "bi.md"
PYTHON = blocks(PAGE, "python")
NAMES = {"clusters": "store_clusters", "summary": "cluster_summary"}


@pytest.fixture(scope="module")
def database(postgres_server: str) -> Iterator[str]:
    """Give the server's URL, and leave nothing of this module on it."""
    yield postgres_server
    execute(
        postgres_server,
        "drop schema store_clustering cascade; drop role analyst;",
        "drop role store_clustering_reader",
    )


@pytest.fixture(scope="module")
def dsn(database: str, small_run: PublishedRun) -> str:
    """Publish to PostgreSQL, and give the URL of the user that the page makes."""
    load(small_run, SecretStr(database))
    execute(database, block(PAGE, "sql", having="create role"))
    return database.replace("admin@", "analyst@")


@pytest.fixture
def folder(small_data: Paths, tmp_path: Path, monkeypatch) -> Path:
    """Enter a folder with `data` as the project's has it."""
    (tmp_path / "data").symlink_to(small_data.data)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def execute(dsn: str, *statements: str) -> list[tuple]:
    connection = psycopg2.connect(dsn)
    try:
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def run_shell(script: str, **variables: str) -> str:
    done = subprocess.run(
        ["bash", "-euc", script],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("recipe", PYTHON)
def test_python_reads_what_is_published(
    folder: Path, dsn: str, small_run: PublishedRun, monkeypatch, recipe: str
) -> None:
    monkeypatch.setenv("DSN", dsn)
    found: dict = {}
    exec(recipe, found)
    frames = {name: f for name, f in found.items() if isinstance(f, pd.DataFrame)}
    assert frames
    for name, frame in frames.items():
        assert len(frame) > 1
        if name in NAMES:
            wanted = small_run.read(f"from {NAMES[name]}")
            pd.testing.assert_frame_equal(
                by_row(frame), by_row(wanted), check_dtype=False
            )
        else:
            totals = frame.groupby("category")["percent_of_sales"].sum()
            assert totals.to_list() == pytest.approx([100, 100], abs=0.5)


def by_row(frame: pd.DataFrame) -> pd.DataFrame:
    # some give decimals, some floats
    money = {name: float for name in frame.columns if name.startswith("sales")}
    by = ["category", *frame.columns[:2]]
    return frame.astype(money).sort_values(by).reset_index(drop=True)


def test_all_recipes_are_here() -> None:
    readers = ("duckdb.connect", "duckdb.sql", "pd.read_parquet", "create_engine")
    assert len(PYTHON) == len(readers)
    assert all(any(reader in recipe for recipe in PYTHON) for reader in readers)


def test_freshness_is_told_by_file_and_database(
    dsn: str, small_run: PublishedRun
) -> None:
    query = block(PAGE, "sql", having="as age")
    with duckdb.connect(small_run.database, read_only=True) as marts:
        in_file = marts.execute(query).fetchall()
    for [(run_id, built_at, age)] in (in_file, execute(dsn, query)):
        assert run_id == small_run.run_id
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        assert datetime.timedelta(0) < age <= now - built_at


def test_everything_about_each_store_is_one_query_everywhere(
    dsn: str, small_run: PublishedRun
) -> None:
    query = block(PAGE, "sql", having="stability_band")
    stores = small_run.read("from store_clusters")
    in_file = small_run.read(query)
    in_database = execute(dsn, query)
    assert len(stores) == len(in_file) == len(in_database)
    assert list(in_file.columns) == [
        *stores.columns,
        *("stability_band", "sales_per_store", "built_at"),
    ]


def test_psql_prints_the_clusters_of_a_user_who_may_not_write(
    dsn: str, small_run: PublishedRun
) -> None:
    if shutil.which("psql") is None:
        pytest.skip("needs psql")
    export, command = block(PAGE, "sh", having="psql").splitlines()
    assert export.startswith("export DSN=")
    printed = run_shell(f"{command} --csv", DSN=dsn)
    rows = [line for line in printed.splitlines()[1:] if line]
    assert len(rows) == len(small_run.read("from cluster_summary"))
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        execute(dsn, "delete from store_clusters")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        execute(dsn, "set transaction read write; delete from store_clusters")


def test_publishing_with_the_variable_loads_the_database(
    database: str, dsn: str, paths: Paths
) -> None:
    export, command = block(PAGE, "sh", having="PUBLISH_POSTGRES_DSN").splitlines()
    execute(database, "delete from store_clustering.store_clusters")
    script = f"{export}\n{command}".replace(
        "postgresql://publisher:...@dbserver/warehouse", database
    ).replace("clustering publish", f"{CLUSTERING} publish")
    printed = run_shell(script, DATA_DIR=str(paths.data))
    assert "and PostgreSQL" in printed
    [(rows,)] = execute(dsn, "select count(*) from store_clusters")
    assert rows > 0
