"""Damaged files are told by name, and restored or set aside."""

import os
import subprocess

import duckdb
import pytest

from clustering.core.errors import PipelineError
from clustering.core.paths import DBT_PROJECT
from clustering.store.integrity import FILE, find_damaged
from clustering.store.publish import publish
from clustering.store.repair import repair
from clustering.store.runs import DATABASE, current_run, live_version
from clustering.store.versions import read_versions
from clustering.store.warehouse import check_opens
from tests.conftest import run_clustering, run_environment
from tests.forked import BIN, run_forked


def cut(file):
    os.truncate(file, file.stat().st_size // 2)


def empty(file):
    os.truncate(file, 0)


def flip(file):
    """Change the bytes in the middle; size and time stay."""
    content, times = bytearray(file.read_bytes()), file.stat()
    middle = len(content) // 2
    content[middle : middle + 16] = bytes(255 - one for one in content[middle:][:16])
    file.write_bytes(content)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def remove(file):
    file.unlink()


# Of a file of DuckDB, in bytes.
HEADERS, BLOCK = 3 * 4096, 256 * 1024

DAMAGES = [
    (cut, DATABASE),
    (remove, DATABASE),
    (flip, "store_clusters.parquet"),
    (empty, "cluster_history.parquet"),
    (remove, "cluster_versions.parquet"),
    (cut, FILE),
    (empty, FILE),
]


def read_all(run) -> dict[str, list]:
    """Return the rows of each table, once as Parquet and once from the database."""
    rows = {}
    for file in sorted(run.folder.glob("*.parquet")):
        rows[file.name] = duckdb.read_parquet(str(file)).fetchall()
        table = run.read(f"select * from {file.stem}")
        assert len(table) == len(rows[file.name])
    return rows


@pytest.mark.parametrize(("way", "name"), DAMAGES)
def test_a_damaged_file_of_the_live_version_is_told_and_restored(paths, way, name):
    live = live_version(paths.published)
    before = read_all(live)
    way(live.folder / name)
    assert name in find_damaged(live.folder)
    assert any(name in line for line in repair(paths))
    assert find_damaged(live.folder) == []
    assert read_all(live_version(paths.published)) == before
    assert repair(paths) == []


@pytest.mark.parametrize("way", [flip, remove])
def test_publishing_again_restores_what_is_damaged(paths, way):
    run, live = current_run(paths.published), live_version(paths.published)
    before = read_all(live)
    way(run.folder / "store_clusters.parquet")
    way(live.folder / DATABASE)
    publish(paths.warehouse, paths.published)
    assert find_damaged(run.folder) == []
    assert find_damaged(live.folder) == []
    assert read_all(live_version(paths.published)) == before


def test_status_and_readers_name_the_file_and_the_command(paths):
    live = live_version(paths.published)
    cut(live.folder / DATABASE)
    status = run_clustering("status", data=paths.data)
    assert f"{DATABASE} of the live version changed or disappeared" in status.stdout
    assert "clustering repair" in status.stdout
    with pytest.raises(PipelineError, match="clustering repair"):
        live.read("select * from store_clusters")


def test_where_both_formats_are_damaged_nothing_is_made_up(paths):
    live = live_version(paths.published)
    for name in (DATABASE, "cluster_history.parquet"):
        empty(live.folder / name)
    [line, *_] = repair(paths)
    assert "cannot be restored" in line
    with pytest.raises(PipelineError, match="history"):
        publish(paths.warehouse, paths.published)


def flip_a_table(file):
    """Change bytes of a table, which DuckDB reads only with the table."""
    with duckdb.connect(str(file)) as connection:
        [[block]] = connection.execute(
            "select max(block_id) from pragma_storage_info('marts.store_clusters')"
        ).fetchall()
    with file.open("r+b") as content:
        content.seek(HEADERS + block * BLOCK + BLOCK // 100)
        content.write(b"\xff" * 16)


@pytest.mark.parametrize("way", [cut, empty, flip_a_table])
def test_a_damaged_warehouse_is_set_aside(paths, way):
    way(paths.warehouse)
    [line] = repair(paths)
    assert str(paths.warehouse) in line
    assert not paths.warehouse.exists()
    assert list(paths.warehouse.parent.glob("*.damaged-*"))
    assert read_versions(paths.published)  # what is published stays


@pytest.mark.parametrize("command", ["run", "publish", "dbt"])
def test_a_warehouse_that_was_cut_off_stops_at_once(paths, small_folder, command):
    """Dbt by itself would try to open it again and again, for a quarter of an hour."""
    cut(paths.warehouse)
    if command == "dbt":
        folders = dict.fromkeys(
            ("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR"), str(small_folder)
        )
        environment = run_environment(paths.data, **folders)
        arguments = ["build", "--select", "stg_need_states"]
        result = run_forked("dbt", arguments, env=environment, cwd=DBT_PROJECT)
    else:
        raw = ["--raw", small_folder] if command == "run" else []
        result = run_clustering(command, *raw, data=paths.data)
    assert result.returncode
    said = result.stdout + result.stderr
    assert "cannot open the warehouse" in said
    assert "clustering repair" in said
    assert "Traceback" not in said


def test_a_busy_warehouse_is_not_taken_for_a_damaged_one(paths):
    opened = f"import duckdb; held = duckdb.connect({str(paths.warehouse)!r})"
    with subprocess.Popen(
        [BIN / "python", "-c", f"{opened}; print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        holder.stdout.readline()
        check_opens(paths.warehouse)
        with pytest.raises(PipelineError, match="under way"):
            repair(paths)
        holder.communicate(b"\n")


def flip_the_head(file):
    """Change the first bytes: SQLite has no checksums for those of rows."""
    with file.open("r+b") as content:
        content.write(b"\xff" * 64)


@pytest.mark.parametrize("way", [cut, empty, flip_the_head])
def test_a_damaged_registry_comes_back_with_its_versions(paths, way):
    before = read_versions(paths.published)
    way(paths.registry)
    if way is empty:  # SQLite takes it for a new one
        paths.registry.write_bytes(b"\0" * 100)
    [line] = repair(paths)
    assert "versions are restored" in line
    after = read_versions(paths.published)
    assert [(one.run, one.state, one.effective_from) for one in after] == [
        (one.run, one.state, one.effective_from) for one in before
    ]
