"""A build that goes on from a folder publishes what the ordinary one does."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from clustering.core.errors import InputError
from clustering.core.paths import DBT_PROJECT, Paths
from clustering.core.seam import MANIFEST, read_manifest, read_seam, seam_views
from tests.conftest import (
    FEW,
    MakeOnce,
    copy_data,
    parquet_bytes,
    run_clustering,
    run_environment,
)
from tests.forked import run_forked


@pytest.fixture(scope="session")
def seam_folder(small_data: Paths, make_once: MakeOnce) -> Path:
    """Tables of the small sample that preprocessing hands over."""

    def write(folder: Path) -> None:
        result = run_clustering("seam", folder, data=small_data.data)
        assert result.returncode == 0, result.stderr

    return make_once("seam", write)


@pytest.fixture
def folder(seam_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of it, to be changed."""
    return Path(shutil.copytree(seam_folder, tmp_path / "changed"))


@pytest.fixture(scope="session")
def gone_on(seam_folder: Path, make_once: MakeOnce) -> Paths:
    """Run the pipeline from these tables, once."""

    def run(data: Path) -> None:
        result = run_clustering("run", "--seam", seam_folder, *FEW, data=data)
        assert result.returncode == 0, result.stdout + result.stderr

    return Paths(make_once("gone_on", run))


def test_run_from_a_folder_publishes_the_same_marts(
    seam_folder: Path, small_data: Paths, gone_on: Paths
) -> None:
    published = parquet_bytes(gone_on.published)
    assert published == parquet_bytes(small_data.published)
    assert len(published) > 25
    again = run_clustering("run", "--seam", seam_folder, *FEW, data=gone_on.data)
    assert "nothing to do" in again.stdout


def test_table_without_the_rows_of_its_file_is_found(
    seam_folder: Path, gone_on: Paths, tmp_path: Path
) -> None:
    data = copy_data(gone_on.data, tmp_path)
    environment = run_environment(data, SEAM_DIR=str(seam_folder))
    command = ("test", "--select", "assert_seam_has_its_rows")

    def run_test() -> str:
        return run_forked("dbt", command, env=environment, cwd=DBT_PROJECT).stdout

    assert "PASS assert_seam_has_its_rows" in run_test()
    with duckdb.connect(Paths(data).warehouse) as connection:
        connection.execute("delete from intermediate.int_periods")
    assert "FAIL 1 assert_seam_has_its_rows" in run_test()


def test_manifest_says_build_rows_and_hashes(
    seam_folder: Path, small_data: Paths
) -> None:
    manifest = read_manifest(seam_folder)
    with duckdb.connect(small_data.warehouse, read_only=True) as connection:
        build = connection.execute("select build_id from builds.current_build")
        assert build.fetchall() == [(manifest.build_id,)]
        for table in read_seam(DBT_PROJECT):
            query = f"select count(*) from {table.schema}.{table.name}"
            rows = connection.execute(query).fetchall()
            assert rows == [(manifest.tables[table.name].row_count,)]


def test_tables_come_back_as_they_were(seam_folder: Path, small_data: Paths) -> None:
    views = seam_views(DBT_PROJECT, seam_folder)
    with duckdb.connect(small_data.warehouse, read_only=True) as connection:
        for table in read_seam(DBT_PROJECT):
            columns = ", ".join(table.columns)
            built = f"select {columns} from {table.schema}.{table.name}"
            for one, other in ((built, views[table.name]), (views[table.name], built)):
                query = f"({one}) except all ({other})"
                assert connection.execute(query).fetchall() == []


def test_another_file_is_refused(folder: Path) -> None:
    file = folder / "int_periods.parquet"
    query = f"select * replace (period_number + 1 as period_number) from '{file}'"
    duckdb.sql(query).write_parquet(str(file))
    with pytest.raises(InputError, match="not the file that the manifest"):
        seam_views(DBT_PROJECT, folder)


def test_missing_file_is_refused(folder: Path) -> None:
    (folder / "int_periods.parquet").unlink()
    with pytest.raises(InputError, match=r"int_periods\.parquet: there is no such"):
        seam_views(DBT_PROJECT, folder)


def test_folder_without_manifest_stops_the_run_with_one_line(
    folder: Path, tmp_path: Path
) -> None:
    (folder / MANIFEST).unlink()
    result = run_clustering("run", "--seam", folder, data=tmp_path)
    assert result.returncode == 4
    assert result.stderr.splitlines()[-1].startswith(f"Error: {folder / MANIFEST}: ")


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_damaged_manifest_is_refused(folder: Path, content: str) -> None:
    (folder / MANIFEST).write_text(content)
    with pytest.raises(InputError, match=MANIFEST):
        read_manifest(folder)


def test_folder_of_another_version_is_refused(folder: Path) -> None:
    content = json.loads((folder / MANIFEST).read_text()) | {"schema_version": 2}
    (folder / MANIFEST).write_text(json.dumps(content))
    with pytest.raises(InputError, match="schema_version is 2, expected 1"):
        read_manifest(folder)


def test_raw_and_seam_together_are_refused(seam_folder: Path, tmp_path: Path) -> None:
    result = run_clustering(
        "run", "--raw", seam_folder, "--seam", seam_folder, data=tmp_path
    )
    assert result.returncode == 2
    assert "expected one of them" in result.stderr


def test_seam_without_a_warehouse_is_one_line(tmp_path: Path) -> None:
    result = run_clustering("seam", tmp_path / "seam", data=tmp_path / "data")
    assert result.returncode == 4
    assert "there is no warehouse" in result.stderr
    assert not (tmp_path / "seam").exists()
