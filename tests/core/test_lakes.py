"""Delta and Iceberg tables, on this machine and at s3://: only what counts is read."""

import shutil
from pathlib import Path

import deltalake
import duckdb
import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog

from clustering.core.errors import InputError
from clustering.core.input import open_input
from clustering.core.mapping import Mapping
from clustering.core.paths import DBT_PROJECT
from tests.servers import s3

STORES = pa.table({"shop": ["0001", "0002", "gone"], "rent": [1.5, 2.5, None]})
SALES = "STORE_NBR,SKU_NBR,CAT_DSC,TOTAL_SALES\n0001,a,GIN,1\n0002,b,GIN,2\n"
NEEDS = "PRODUCT_ID,CATEGORY,NEED_STATE\na,GIN,DRY\nb,GIN,SLOE\n"
READ = [("0001", 1.5), ("0002", 2.5)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the other tables as csv."""
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "internal_sales.csv").write_text(SALES)
    (raw / "need_state.csv").write_text(NEEDS)
    for variable in ("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR"):
        monkeypatch.setenv(variable, str(raw))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return raw


def write_delta(place: str, **options: dict[str, str]) -> None:
    """Write a table of whose three rows one is deleted again."""
    deltalake.write_deltalake(place, STORES, **options)
    deltalake.DeltaTable(place, **options).delete("shop = 'gone'")


def write_iceberg(folder: Path) -> Path:
    """Write the same as Iceberg, and return its folder."""
    folder.mkdir()
    place = {"uri": f"sqlite:///{folder}/x.db", "warehouse": f"file://{folder}"}
    with SqlCatalog("x", **place) as catalog:
        catalog.create_namespace("retail")
        table = catalog.create_table("retail.stores", schema=STORES.schema)
        table.append(STORES)
        table.delete("shop = 'gone'")
    return folder / "retail" / "stores"


def read(files: str | None) -> list[tuple]:
    """Return the rows of the stores as a build sees them."""
    table = {"files": files, "columns": {"STORE_NBR": "shop"}}
    tables = {"store_attributes": table} if files else {}
    view = open_input(
        DBT_PROJECT, mapping=Mapping.model_validate({"tables": tables})
    ).views["store_attributes"]
    query = f"select STORE_NBR, rent from ({view}) order by all"
    return duckdb.sql(query).fetchall()


def test_of_a_delta_table_the_rows_count_that_its_log_says(folder):
    write_delta(str(folder / "shops"))
    assert read("shops") == READ
    more = pa.table({"shop": ["0003"], "rent": [3.5]})
    deltalake.write_deltalake(str(folder / "shops"), more, mode="append")
    assert read("shops") == [*READ, ("0003", 3.5)]


def test_a_delta_table_may_lie_in_place_of_a_raw_table(folder):
    write_delta(str(folder / "store_attributes"))
    stores = deltalake.DeltaTable(str(folder / "store_attributes")).to_pyarrow_table()
    named = stores.rename_columns(["STORE_NBR", "rent"])
    shutil.rmtree(folder / "store_attributes")
    deltalake.write_deltalake(str(folder / "store_attributes"), named)
    assert read(None) == READ


def test_of_an_iceberg_table_its_newest_version_counts_even_if_it_was_moved(folder):
    shutil.move(write_iceberg(folder / "ice"), folder / "shops")
    assert read("shops") == READ


def test_a_delta_table_at_s3_is_read(folder, monkeypatch):
    with s3() as variables:
        import boto3

        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        boto3.client(
            "s3", endpoint_url=variables["AWS_ENDPOINT_URL"], region_name="us-east-1"
        ).create_bucket(Bucket="retail")
        options = variables | {
            "AWS_ALLOW_HTTP": "true",
            "AWS_S3_ALLOW_UNSAFE_RENAME": "true",
        }
        write_delta("s3://retail/shops", storage_options=options)
        assert read("s3://retail/shops") == READ


@pytest.mark.parametrize("log", ["_delta_log", "metadata"])
def test_a_table_that_cannot_be_read_is_one_line(folder, log):
    (folder / "shops" / log).mkdir(parents=True)
    with pytest.raises(InputError, match="table that cannot be read") as error:
        read("shops")
    assert "\n" not in str(error.value)
    assert str(folder / "shops") in str(error.value)
