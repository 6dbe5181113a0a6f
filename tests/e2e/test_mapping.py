"""`clustering map`, then `clustering run`, without an edit: on every shape of input."""

import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from clustering.core.paths import Paths
from tests.conftest import FEW, run_clustering
from tests.shapes import database, flat, rename_at_random, wide, workbook


def map_and_run(
    *source: str | Path,
    data: Path,
    options: tuple[str, ...] = FEW,
    **variables: str,
) -> Path:
    """Write an environment's file, run with it, and return what was published."""
    file = data / "mine.yml"
    file.write_text(f"data_dir: {data}\n")
    mapped = run_clustering("map", *source, "--write", file, data=data, **variables)
    assert mapped.returncode == 0, mapped.stdout + mapped.stderr
    assert f"next: clustering run --config {file}" in mapped.stdout
    done = run_clustering("run", "--config", file, *options, data=data, **variables)
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


def sales(published: Path, column: str) -> float:
    """Return the sales of a column of the mart that adds the input up."""
    [(found,)] = duckdb.sql(
        f"select {column}::double from '{published}/input_reconciliation.parquet'"
        " where source_table = 'internal_sales'"
    ).fetchall()
    return found


def clusters(published: Path) -> list[tuple]:
    return duckdb.sql(
        "select store_id, category, internal_cluster, external_cluster, cluster_id"
        f" from '{published}/store_clusters.parquet' order by all"
    ).fetchall()


def test_a_workbook_with_renamed_columns_gives_the_same_clusters(
    small_folder, small_data, tmp_path
):
    renamed = tmp_path / "renamed"
    renamed.mkdir()
    rename_at_random(small_folder, renamed, random.Random(7))
    raw, data = shaped(workbook, renamed, tmp_path)
    published = map_and_run(raw, data=data)
    assert clusters(published) == clusters(small_data.published)
    base = small_data.published
    assert sales(published, "sales_used") == sales(base, "sales_used")


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_iowa_with_renamed_columns_gives_the_same_clusters(
    seed, iowa_folder, iowa_published, tmp_path
):
    raw, data = shaped(
        lambda source, raw: rename_at_random(source, raw, random.Random(seed)),
        iowa_folder,
        tmp_path,
    )
    published = map_and_run(raw, data=data, options=())
    assert clusters(published) == clusters(iowa_published)


def test_a_schema_of_postgresql_gives_the_same_clusters(
    small_folder, small_data, postgres_server, tmp_path
):
    database(small_folder, postgres_server, "retail")
    options = ("--database", "RETAIL_DSN", "--schema", "retail")
    published = map_and_run(*options, data=tmp_path, RETAIL_DSN=postgres_server)
    assert clusters(published) == clusters(small_data.published)


# What the lines of a flat file, and the cells of a wide one, add up to.
LINES = "select sum(amount::double) from '{raw}/transactions.csv'"
CELLS = """
    select sum(cell::double)
    from (
        unpivot '{raw}/weekly_sales.csv'
        on columns(* exclude (Store, Item, Department)) into name week value cell
    )
    where isfinite(cell::double)
"""


@pytest.mark.parametrize(("shape", "total"), [(flat, LINES), (wide, CELLS)])
def test_another_shape_is_read_to_the_cent(
    shape: Callable[[Path, Path], None],
    total: str,
    small_folder: Path,
    small_data: Paths,
    tmp_path: Path,
):
    raw, data = shaped(shape, small_folder, tmp_path)
    published = map_and_run(raw, data=data)
    stores = {store for store, *_ in clusters(published)}
    assert stores <= {store for store, *_ in clusters(small_data.published)}
    assert len(stores) >= 44
    [(wanted,)] = duckdb.sql(total.format(raw=raw)).fetchall()
    assert sales(published, "sales_read") == pytest.approx(wanted, abs=0.005)
