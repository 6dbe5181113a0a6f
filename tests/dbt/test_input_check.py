"""What the check of the input saw is in marts after a build."""

import duckdb
import pytest

from tests.dbt.conftest import AS_IN_A_BUILD, copy_project, run_dbt

MARTS = ("input_coverage", "input_notes", "+external_feature_catalog")


@pytest.fixture(scope="module")
def warehouse(small_folder, tmp_path_factory):
    """Build from input in which only 20 stores have attributes."""
    folder = tmp_path_factory.mktemp("few")
    project = copy_project(small_folder, folder)
    file = folder / "data" / "raw" / "store_attributes.parquet"
    duckdb.sql(
        f"select *, 7 as BRANCH_ID, -999.0 as RENT from '{file}'"
        " order by STORE_NBR limit 20"
    ).write_parquet(f"{file}.few")
    file.with_name(f"{file.name}.few").replace(file)
    selected = ("--select", *MARTS, *AS_IN_A_BUILD)
    result = run_dbt(project, "build", *selected)
    assert result.returncode == 0, result.stdout
    path = folder / "data" / "warehouse" / "store_clustering.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def test_stores_without_attributes_are_counted(warehouse, small_folder):
    sales = small_folder / "internal_sales.parquet"
    [(store_count,)] = duckdb.sql(
        f"select count(distinct STORE_NBR) from '{sales}'"
    ).fetchall()
    [(key_count, missing_count, examples, share)] = warehouse.execute(
        "select key_count, missing_count, examples, common_sales_share"
        " from marts.input_coverage"
        " where source_table = 'internal_sales' and other_table = 'store_attributes'"
    ).fetchall()
    assert key_count == store_count
    assert store_count - 20 <= missing_count < store_count
    assert len(examples.split(", ")) == 2
    assert 0 < share < 1


def test_notes_are_kept_in_order(warehouse):
    notes = warehouse.execute("select note from marts.input_notes").fetchall()
    rent, *stores = [note for (note,) in notes]
    assert rent.startswith("column RENT has -999 in 20 rows")
    assert [note.partition(" are not in ")[2][:16] for note in stores] == [
        "store_attributes",
        "store_attributes",
    ]


def test_a_column_that_is_not_used_has_its_reason(warehouse):
    unused = warehouse.execute(
        "select feature, reason from marts.external_feature_catalog"
        " where reason is not null order by feature"
    ).fetchall()
    assert dict(unused) == {
        "BRANCH_ID": "constant",
        "RENT": "constant",
        "latitude": "coordinate",
        "longitude": "coordinate",
    }
