"""One run whose four tables lie in four places, none of them a folder of files."""

from pathlib import Path

import deltalake
import duckdb
import yaml

from tests.conftest import FEW, run_clustering
from tests.e2e.test_mapping import clusters
from tests.servers import http, s3, upload


def lay_out(raw: Path, folder: Path) -> dict[str, dict]:
    """Write each table for its place, and return the mapping of the tables."""
    (folder / "bucket").mkdir()
    duckdb.sql(f"from '{raw}/internal_sales.parquet'").write_parquet(
        str(folder / "bucket" / "sales.parquet")
    )
    (folder / "site").mkdir()
    duckdb.sql(f"from '{raw}/external_sales.parquet'").write_csv(
        str(folder / "site" / "market.csv"), header=True
    )
    with duckdb.connect(str(folder / "retail.duckdb")) as connection:
        connection.execute(f"create table articles as from '{raw}/need_state.parquet'")
    stores = duckdb.sql(f"from '{raw}/store_attributes.parquet'").to_arrow_table()
    deltalake.write_deltalake(str(folder / "stores"), stores)
    return {
        "internal_sales": {"files": "s3://retail/sales.parquet"},
        "need_state": {"query": "select * from articles"},
        "store_attributes": {"files": str(folder / "stores")},
        "external_sales": {"files": "${MARKET_URL}"},
    }


def mapped(tables: dict[str, dict]) -> dict[str, dict]:
    """Return the mapping with the columns of the contract, called as they are."""
    keys = {
        "internal_sales": [
            *("STORE_NBR", "SKU_NBR", "CAT_DSC", "TOTAL_SALES", "PERIOD_START")
        ],
        "need_state": ["PRODUCT_ID", "CATEGORY", "NEED_STATE", "CDT"],
        "store_attributes": ["STORE_NBR", "LATITUDE", "LONGITUDE"],
        "external_sales": ["STORE_NBR", "CATEGORY"],
    }
    return {
        name: table | {"columns": {key: key for key in keys[name]}}
        for name, table in tables.items()
    }


def test_a_run_reads_s3_https_delta_and_duckdb_and_keeps_what_gives_access(
    small_folder, small_data, tmp_path
):
    tables = mapped(lay_out(small_folder, tmp_path))
    file, data = tmp_path / "mine.yml", tmp_path / "data"
    mapping = {"database": str(tmp_path / "retail.duckdb"), "tables": tables}
    file.write_text(yaml.safe_dump({"data_dir": str(data), "input": mapping}))
    with s3() as variables, http(tmp_path / "site") as address:
        upload(tmp_path / "bucket", "retail", variables)
        variables |= {"MARKET_URL": f"{address}/market.csv?token=s3cret"}
        command = ("run", "--config", file, *FEW)
        done = run_clustering(*command, data=data, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        again = run_clustering(*command, data=data, **variables)
    published = data / "published"
    assert clusters(published) == clusters(small_data.published)
    assert "nothing to do" in again.stdout
    said = [done.stdout, done.stderr, again.stdout]
    assert not [text for text in said if "s3cret" in text]
    files = [file for file in data.rglob("*") if file.is_file()]
    assert not [file for file in files if b"s3cret" in file.read_bytes()]
