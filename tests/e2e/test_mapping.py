"""`clustering map`, then `clustering run`, without an edit: on every shape of input."""

import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from clustering.core.paths import Paths
from tests.conftest import FEW, run_clustering
from tests.shapes import database, flat, rename_at_random, wide, workbook


def map_and_run(*source: str | Path, data: Path, **variables: str) -> Path:
    """Write an environment's file, run with it, and return what was published."""
    file = data / "mine.yml"
    file.write_text(f"data_dir: {data}\n")
    mapped = run_clustering("map", *source, "--write", file, data=data, **variables)
    assert mapped.returncode == 0, mapped.stdout + mapped.stderr
    assert f"next: clustering run --config {file}" in mapped.stdout
    done = run_clustering("run", "--config", file, *FEW, data=data, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return data / "published"


def shaped(
    shape: Callable[[Path, Path], object], source: Path, folder: Path
) -> tuple[Path, Path]:
    """Lay the sample out in a shape; return the folders of its files and of a run."""
    raw, data = folder / "raw", folder / "data"
    raw.mkdir()
    data.mkdir()
    shape(source, raw)
    return raw, data


def sales_used(published: Path) -> float:
    """Return the sales that the clusters are made from, to the cent."""
    [(sales,)] = duckdb.sql(
        f"select round(sales_used, 2) from '{published}/input_reconciliation.parquet'"
        " where source_table = 'internal_sales'"
    ).fetchall()
    return sales


def clusters(published: Path) -> list[tuple]:
    return duckdb.sql(
        "select store_id, category, internal_cluster, external_cluster, cluster_id"
        f" from '{published}/store_clusters.parquet' order by all"
    ).fetchall()


def test_renamed_columns_give_the_same_clusters(small_folder, small_data, tmp_path):
    def rename(source: Path, folder: Path) -> None:
        rename_at_random(source, folder, random.Random(7))

    raw, data = shaped(rename, small_folder, tmp_path)
    published = map_and_run(raw, data=data)
    assert clusters(published) == clusters(small_data.published)
    assert sales_used(published) == sales_used(small_data.published)


def test_a_workbook_gives_the_same_clusters(small_folder, small_data, tmp_path):
    raw, data = shaped(workbook, small_folder, tmp_path)
    published = map_and_run(raw, data=data)
    assert clusters(published) == clusters(small_data.published)


def test_a_schema_of_postgresql_gives_the_same_clusters(
    small_folder, small_data, postgres_server, tmp_path
):
    database(small_folder, postgres_server, "retail")
    options = ("--database", "RETAIL_DSN", "--schema", "retail")
    published = map_and_run(*options, data=tmp_path, RETAIL_DSN=postgres_server)
    assert clusters(published) == clusters(small_data.published)


def test_a_flat_file_and_a_wide_one_use_every_cent_of_the_file(
    small_folder: Path, small_data: Paths, tmp_path: Path
):
    for shape in (flat, wide):
        folder = tmp_path / shape.__name__
        folder.mkdir()
        raw, data = shaped(shape, small_folder, folder)
        published = map_and_run(raw, data=data)
        stores = {store for store, *_ in clusters(published)}
        assert stores <= {store for store, *_ in clusters(small_data.published)}
        assert len(stores) >= 44
        if shape is flat:
            [(amount,)] = duckdb.sql(
                f"select round(sum(amount), 2) from '{raw}/transactions.csv'"
                " where store is not null"
            ).fetchall()
            assert sales_used(published) == pytest.approx(amount, abs=0.005)
