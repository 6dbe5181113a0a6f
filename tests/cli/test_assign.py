"""What `clustering assign` prints and writes."""

from pathlib import Path

import pandas as pd
import pytest

from clustering.core.paths import Paths
from tests.conftest import run_clustering


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, small_folder: Path) -> Path:
    """Write a file of two stores that open."""
    rows = pd.read_parquet(small_folder / "store_attributes.parquet").head(2)
    file = tmp_path_factory.mktemp("assign") / "stores.csv"
    rows.assign(STORE_NBR=["9001", "9002"]).to_csv(file, index=False)
    return file


def test_stores_that_open_are_shown_with_cluster_and_reasons(
    small_data: Paths, stores: Path
):
    result = run_clustering("assign", stores, data=small_data.data)
    assert result.returncode == 0, result.stderr
    for text in ("9001", "9002", "inferred", "next best"):
        assert text in result.stdout


@pytest.mark.parametrize("name", ["found.csv", "found.parquet"])
def test_stores_are_written_by_the_ending_of_the_file(
    small_data: Paths, stores: Path, tmp_path: Path, name: str
):
    file = tmp_path / name
    result = run_clustering("assign", stores, "--output", file, data=small_data.data)
    assert result.stdout == f"wrote 4 rows to {file}\n"
    text = {"store_id": str}
    is_csv = name.endswith("csv")
    found = pd.read_csv(file, dtype=text) if is_csv else pd.read_parquet(file)
    assert sorted(found["store_id"].unique()) == ["9001", "9002"]
    assert found["cluster_id"].ge(1).all()


def test_csv_is_printed(small_data: Paths, stores: Path):
    result = run_clustering("assign", stores, "--format", "csv", data=small_data.data)
    assert result.stdout.startswith("store_id,category,cluster_id,cluster_name,method")


def test_rows_that_are_left_out_are_counted_by_reason(small_data: Paths, tmp_path):
    file = tmp_path / "sales.csv"
    file.write_text("STORE_NBR,SKU_NBR,CAT_DSC,TOTAL_SALES\n9001,99999999,COFFEE,4\n")
    result = run_clustering("assign", file, "--format", "csv", data=small_data.data)
    assert result.returncode == 0, result.stderr
    assert "internal_sales: 1 row quarantined: unknown_sku 1" in result.stderr
    assert "9001," in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("gone",), "got gone, expected a folder or file with stores"),
        ((".", "--version", "xyz"), "no run that is kept begins with 'xyz'"),
    ],
)
def test_an_invalid_argument_ends_with_2(small_data: Paths, arguments, message):
    result = run_clustering("assign", *arguments, data=small_data.data)
    assert result.returncode == 2
    assert message in result.stderr
