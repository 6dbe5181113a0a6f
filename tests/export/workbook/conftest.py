"""A workbook of a real run, and one of a run whose every text looks like a formula."""

import shutil
from pathlib import Path

import duckdb
import pytest

from clustering.export.workbook import write_workbook
from clustering.store.runs import PublishedRun
from tests.workbooks import ReadBook

ODD = {
    "cluster_sales": {"level": "'=' || level"},
    "cluster_summary": {"cluster_name": "'@SUM(A1:A9)' || cluster_id"},
    "store_clusters": {"store_id": "'+' || store_id", "cluster_name": "'-1'"},
    "store_map": {"store_id": "'+' || store_id"},
    "cluster_recommendations": {"recommendation": "'=' || recommendation"},
    "cluster_profiles": {
        "feature": "'=cmd|''/c calc''!A' || feature",
        "label": "'=cmd|''/c calc''!A' || label",
    },
}


@pytest.fixture(scope="session")
def category(small_run: PublishedRun) -> str:
    return small_run.read("select min(category) from cluster_quality").iloc[0, 0]


@pytest.fixture(scope="session")
def book(small_run: PublishedRun, category: str, tmp_path_factory) -> ReadBook:
    file = tmp_path_factory.mktemp("workbook") / "book.xlsx"
    write_workbook(small_run, file, category=category)
    return ReadBook(file)


@pytest.fixture
def odd_run(small_run: PublishedRun, tmp_path: Path) -> PublishedRun:
    """Return a copy in which text begins with = + - @."""
    folder = tmp_path / small_run.name
    shutil.copytree(small_run.folder, folder)
    with duckdb.connect(str(folder / "store_clustering.duckdb")) as connection:
        for table, columns in ODD.items():
            for column, value in columns.items():
                connection.execute(f"update {table} set {column} = {value}")
    return PublishedRun(folder)
