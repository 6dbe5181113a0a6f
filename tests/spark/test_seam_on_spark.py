"""Spark and DuckDB make the same tables of the seam, and the same marts from them.

`make test-spark` runs these tests, with the environment of `make spark`.
"""

from pathlib import Path

import duckdb
import pytest

from clustering.core.paths import DBT_PROJECT, Paths
from clustering.core.seam import read_manifest, read_seam
from tests.conftest import FEW, publish_from, run_clustering, write_small_sample

# Little memory, few partitions, and no address but that of this machine.
SETTINGS = """
spark.master local[2]
spark.driver.memory 2g
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.sql.shuffle.partitions 2
spark.ui.enabled false
"""
# Amounts that engines round differently, or cannot hold; copies, returns, unknown keys.
DIRT = """
    select sales.* replace (written.amount as TOTAL_SALES)
    from (from sales limit 66) as sales
    positional join (
        select unnest(range(6)) as time, amount
        from (values
            (0.00005), (2.00005), (1.00015), (123456789.123449999), (1e14), (1e300),
            ('nan'::double), ('inf'::double), (null), (0), (-3.00005)
        ) as amounts(amount)
    ) as written
"""


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sample input, with more dirt."""
    folder = tmp_path_factory.mktemp("spark") / "raw"
    write_small_sample(folder, stores=60, categories=2, weeks=12, skus=40, seed=1)
    file = folder / "internal_sales.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table sales as from '{file}'")
        connection.execute(f"insert into sales {DIRT}")
        connection.execute(f"copy sales to '{file}' (format parquet)")
    return folder


@pytest.fixture(scope="session")
def built(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """Run the pipeline on it, on DuckDB alone."""
    data = tmp_path_factory.mktemp("duckdb")
    publish_from(raw, *FEW, data=data)
    return Paths(data)


@pytest.fixture(scope="session")
def from_duckdb(built: Paths, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the seam that DuckDB made."""
    folder = tmp_path_factory.mktemp("seam") / "duckdb"
    result = run_clustering("seam", folder, data=built.data)
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture(scope="session")
def from_spark(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the seam that Spark made."""
    folder = tmp_path_factory.mktemp("seam") / "spark"
    data, settings = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("conf")
    (settings / "spark-defaults.conf").write_text(SETTINGS)
    result = run_clustering(
        *("seam", folder, "--engine", "spark"),
        data=data,
        INTERNAL_DATA_DIR=str(raw),
        EXTERNAL_DATA_DIR=str(raw),
        SPARK_CONF_DIR=str(settings),
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert list((data / "spark").iterdir()) == []
    return folder


def count_differences(one: Path, other: Path) -> int:
    """Return how many rows of two files differ; not one digit of a number may."""
    return duckdb.sql(
        f"select count(*) from ((from '{one}' except all from '{other}')"
        f" union all (from '{other}' except all from '{one}'))"
    ).fetchall()[0][0]


@pytest.mark.parametrize("table", [table.name for table in read_seam(DBT_PROJECT)])
def test_table_of_the_seam_is_the_same(
    table: str, from_duckdb: Path, from_spark: Path
) -> None:
    file = f"{table}.parquet"
    assert count_differences(from_duckdb / file, from_spark / file) == 0
    rows = read_manifest(from_spark).tables[table].row_count
    assert rows == read_manifest(from_duckdb).tables[table].row_count
    assert rows > 0 or table == "input_notes"


def test_one_perturbed_row_is_found(from_duckdb: Path, tmp_path: Path) -> None:
    file, changed = from_duckdb / "int_sales_checked.parquet", tmp_path / "x.parquet"
    query = (
        "select * replace (case when row_number() over () = 5 then sales + 0.0001"
        f" else sales end as sales) from '{file}'"
    )
    duckdb.sql(query).write_parquet(str(changed))
    assert count_differences(file, changed) == 2


def test_published_marts_are_the_same(
    built: Paths, from_spark: Path, tmp_path: Path
) -> None:
    result = run_clustering("run", "--seam", from_spark, *FEW, data=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    marts = {
        file.name
        for file in built.published.glob("*.parquet")
        if not file.name.startswith(("run", "cluster_versions", "cluster_history"))
    }
    assert len(marts) > 25
    published = Paths(tmp_path).published
    differences = {
        mart: count_differences(built.published / mart, published / mart)
        for mart in marts
    }
    assert differences == dict.fromkeys(marts, 0)
