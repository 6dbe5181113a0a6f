"""What Spark reads is validated and typed before; tests/spark has the rest."""

from pathlib import Path

import duckdb
import pytest

from clustering.core import spark
from clustering.core.errors import InputError, PipelineError, SettingsError
from clustering.core.paths import Paths, dbt_environment
from clustering.core.settings import check_settings

ATTRIBUTES = """
    select STORE_NBR, 1::hugeint as HUGE, 2.5::decimal(9, 2) as SHARE, true as IS_NEW,
        date '2026-01-05' as OPENED, ['a', 'b'] as TAGS
"""


@pytest.fixture
def written(small_folder: Path, tmp_path: Path) -> Path:
    """Write the small sample for Spark, with attributes of many types."""
    raw, folder = tmp_path / "raw", tmp_path / "written"
    raw.mkdir()
    for file in small_folder.glob("*.parquet"):
        (raw / file.name).symlink_to(file)
    stores = raw / "store_attributes.parquet"
    query = f"{ATTRIBUTES} from '{stores.resolve()}'"
    stores.unlink()
    duckdb.sql(query).write_parquet(str(stores))
    with dbt_environment(Paths(tmp_path), raw):
        spark.write_raw(folder, settings=check_settings({}))
    return folder


def types_of(file: Path) -> dict[str, str]:
    rows = duckdb.sql(f"describe from '{file}'").fetchall()
    return {name: kind for name, kind, *_ in rows}


def test_columns_of_the_contract_have_its_types(written: Path) -> None:
    types = types_of(written / "internal_sales.parquet")
    assert types["STORE_NBR"] == types["SKU_NBR"] == types["CAT_DSC"] == "VARCHAR"
    assert types["TOTAL_SALES"] == types["UNITS"] == "DOUBLE"
    assert types["PERIOD_START"] == "DATE"


def test_attributes_are_numbers_booleans_or_text(written: Path) -> None:
    file = written / "store_attributes.parquet"
    types = types_of(file)
    assert (types["HUGE"], types["SHARE"]) == ("DOUBLE", "DECIMAL(9,2)")
    assert types["IS_NEW"] == "BOOLEAN"
    columns = "OPENED, TAGS"
    assert {types[name] for name in columns.split(", ")} == {"VARCHAR"}
    [first, *_] = duckdb.sql(f"select {columns} from '{file}'").fetchall()
    assert first == ("2026-01-05", '["a","b"]')


def test_what_the_check_saw_is_written_too(written: Path) -> None:
    assert types_of(written / "input_coverage.parquet")["key_count"] == "BIGINT"
    assert (written / "input_notes.parquet").exists()


def test_input_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with (
        dbt_environment(Paths(tmp_path), tmp_path),
        pytest.raises(InputError, match="internal_sales"),
    ):
        spark.write_raw(tmp_path / "written", settings=check_settings({}))


def test_setting_that_spark_cannot_follow_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="which Spark cannot follow"):
        spark.build_seam(
            Paths(tmp_path), tmp_path / "seam", settings={"sales_rows": "last"}
        )


def test_who_lacks_spark_is_told_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "ENVIRONMENT", tmp_path / "none")
    with pytest.raises(PipelineError, match="install Apache Spark: make spark"):
        spark.build_seam(Paths(tmp_path), tmp_path / "seam", settings={})
