"""Publishing: the contents of the folder, which runs are kept, and what is refused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from clustering.core.errors import ArgumentError, PipelineError
from clustering.core.files import hash_file
from clustering.scoring.inputs import read_tables
from clustering.scoring.model import Model
from clustering.store.builds import last_builds
from clustering.store.integrity import find_damaged
from clustering.store.publish import approve, publish, reject
from clustering.store.registry import Registry
from clustering.store.repair import repair
from clustering.store.runs import (
    LIVE,
    MODELS,
    RUNS,
    current_run,
    find_models,
    find_run,
    kept_models,
    kept_runs,
    live_version,
)
from tests.conftest import parquet_bytes, run_clustering
from tests.store.builds import build_again, plant


@pytest.fixture
def three_runs(paths):
    """Publish two runs more."""
    for number, run_id in enumerate(("b" * 32, "c" * 32), start=1):
        build_again(paths, run_id, days=number)
        publish(paths.warehouse, paths.published)
    return paths


def test_every_mart_is_there_as_table_and_file(paths, small_run):
    with duckdb.connect(str(paths.warehouse), read_only=True) as connection:
        marts = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
        for (mart,) in marts:
            rows = connection.execute(f"from marts.{mart} order by all").fetchall()
            file = paths.published / f"{mart}.parquet"
            assert duckdb.sql(f"from '{file}' order by all").fetchall() == rows
            assert len(small_run.read(f"from {mart}")) == len(rows)
    assert len(marts) >= 12


def test_the_published_file_keeps_descriptions_and_opens_in_old_clients(small_run):
    comments = small_run.read(
        "select comment from duckdb_columns() where table_name = 'store_clusters'"
    )
    assert comments["comment"].str.len().min() > 5
    # bytes 12 to 19 of a DuckDB file: 64 is what version 1.0 writes and reads
    assert int.from_bytes(small_run.database.read_bytes()[12:20], "little") == 64


def test_publishing_the_same_build_twice_changes_nothing(paths):
    before = parquet_bytes(paths.published)
    publish(paths.warehouse, paths.published)
    assert parquet_bytes(paths.published) == before
    assert len(kept_runs(paths.published)) == 1


def test_the_same_run_built_again_takes_the_place_of_the_first(paths, small_run):
    build_again(paths, small_run.run_id, days=1)
    run = publish(paths.warehouse, paths.published)
    # the one before stays for those who are reading it, until the next is published
    assert [one.run_id for one in kept_runs(paths.published)] == [run.run_id] * 2
    assert find_run(paths.published, run.run_id) == run
    build_again(paths, "b" * 32, days=1)
    following = publish(paths.warehouse, paths.published)
    assert kept_runs(paths.published) == [following, run]


def test_the_newest_runs_are_kept(three_runs):
    names = [run.run_id[0] for run in kept_runs(three_runs.published)]
    assert names[:2] == ["c", "b"]
    assert len(names) == 3
    build_again(three_runs, "d" * 32, days=3)
    publish(three_runs.warehouse, three_runs.published, keep=2)
    names = [run.run_id[0] for run in kept_runs(three_runs.published)]
    assert names == ["d", "c"]


@pytest.mark.long
def test_a_version_made_12_versions_ago_still_scores(paths, small_run, small_folder):
    for number in range(1, 13):
        build_again(paths, f"{number:x}" * 32, days=number)
        publish(paths.warehouse, paths.published)
    assert len(kept_runs(paths.published)) == 10
    oldest = find_models(paths.published, small_run.name)
    assert oldest.folder.parent.name == MODELS
    assert find_damaged(oldest.folder) == []
    stores = read_tables(small_folder)["store_attributes"]
    pd.testing.assert_frame_equal(
        Model.of_run(oldest).assign(stores), Model.of_run(small_run).assign(stores)
    )
    with pytest.raises(ArgumentError, match="no run that is kept begins with"):
        find_run(paths.published, small_run.name)


def test_the_models_of_a_removed_run_stay(three_runs, small_run):
    build_again(three_runs, "d" * 32, days=3)
    publish(three_runs.warehouse, three_runs.published, keep=2)
    published = three_runs.published
    kept = [run.name for run in kept_models(published)]
    assert kept[-1] == small_run.name
    assert [run.run_id[0] for run in kept_runs(published)] == ["d", "c"]
    assert Model.of_run(find_models(published, small_run.name)).categories


def test_a_run_before_can_be_made_current_again(three_runs):
    published = three_runs.published
    approve("bbbb", published, by="anna")
    assert current_run(published).run_id == "b" * 32
    found = duckdb.sql(
        f"select distinct run_id from '{published}/store_clusters.parquet'"
    ).fetchall()
    assert found == [("b" * 32,)]
    assert len(kept_runs(published)) == 3


def test_the_current_run_is_never_forgotten(three_runs):
    published = three_runs.published
    oldest = kept_runs(published)[-1]
    approve(oldest.name, published, by="anna")
    build_again(three_runs, "d" * 32, days=4)
    newest = publish(three_runs.warehouse, published, keep=1)
    # somebody may be reading the one before
    assert kept_runs(published) == [newest, oldest]


def test_a_run_that_is_not_kept_names_those_that_are(three_runs):
    with pytest.raises(ArgumentError, match=r"begins with 'x'; there are: .*cccc"):
        find_run(three_runs.published, "x")
    with pytest.raises(ArgumentError, match=r"3 runs begin with '20"):
        find_run(three_runs.published, "20")
    with pytest.raises(ArgumentError, match="there are: none"):
        find_run(three_runs.data / "nothing", "x")


def test_what_a_killed_publisher_left_is_cleared_away(paths, small_run):
    half = paths.published / "runs" / ".20301121T121500Z-ffffffffffff"
    half.mkdir()
    (half / "store_clustering.duckdb").write_bytes(b"half")
    (paths.published / ".new.current").symlink_to("runs/nowhere")
    assert kept_runs(paths.published) == [
        type(small_run)(paths.published / "runs" / small_run.name)
    ]
    publish(paths.warehouse, paths.published)
    assert not half.exists()
    assert not (paths.published / ".new.current").is_symlink()


def test_files_of_before_there_were_runs_become_links(paths, tmp_path):
    plain = tmp_path / "plain"
    shutil.copytree(
        paths.published, plain, ignore=lambda *_: {"runs", "live", "current"}
    )
    publish(paths.warehouse, plain)
    assert (plain / "store_clusters.parquet").is_symlink()
    assert parquet_bytes(plain) == parquet_bytes(paths.published)


def test_a_mart_that_is_no_more_leaves_no_file(paths):
    (paths.published / "old_mart.parquet").symlink_to("current/old_mart.parquet")
    (paths.published / "somebodys.parquet").write_bytes(b"not ours")
    (paths.published / "runs" / ".DS_Store").write_bytes(b"not ours either")
    publish(paths.warehouse, paths.published)
    assert not (paths.published / "old_mart.parquet").is_symlink()
    assert (paths.published / "somebodys.parquet").exists()


def hashes(published: Path) -> dict[Path, str]:
    """Return the hash of every file of every run that is kept."""
    files = (file for file in (published / RUNS).rglob("*") if file.is_file())
    return {file: hash_file(file) for file in files}


def test_no_command_changes_a_file_of_a_run(paths, small_run):
    published = paths.published
    first = hashes(published)
    build_again(paths, "b" * 32, days=1)
    second = publish(paths.warehouse, published, automatic=False)
    runs = hashes(published)
    assert runs.items() > first.items()
    for act in (
        lambda: approve(second.name, published, by="anna"),
        lambda: publish(paths.warehouse, published),
        lambda: approve(small_run.name, published, by="anna"),
        lambda: reject(second.name, published, by="anna", reason="no"),
        lambda: approve(second.name, published, by="anna"),
    ):
        act()
        assert hashes(published) == runs
    for command in (
        ("show",),
        ("show", "COFFEE"),
        ("status",),
        ("compare", small_run.name),
        ("export", "--output", paths.data / "exported"),
        ("report", "--category", "COFFEE"),
        ("approve", small_run.name),
        ("publish", "--run", second.name),
    ):
        done = run_clustering(*command, data=paths.data)
        assert done.returncode == 0, done.stderr
        assert hashes(published) == runs, command


def test_going_back_and_forth_keeps_what_is_live_and_the_one_before(three_runs):
    published = three_runs.published
    names = [run.name for run in kept_runs(published)]
    for name in (names[2], names[0], names[1], names[0]):
        before = current_run(published).name
        approve(name, published, by="anna")
        live = live_version(published)
        assert live.folder.parent.name == LIVE
        there = {folder.name for folder in live.folder.parent.iterdir()}
        assert there == {name, before}
        ends = live.read("select effective_to from cluster_history")["effective_to"]
        assert ends.isna().any()
        mart = live.folder / "store_clusters.parquet"
        of_run = current_run(published).folder / "store_clusters.parquet"
        assert mart.samefile(of_run)


def test_a_run_that_is_removed_meanwhile_cannot_be_made_current(three_runs):
    published = three_runs.published
    before = current_run(published)
    oldest = kept_runs(published)[-1]
    shutil.rmtree(oldest.folder)
    with pytest.raises(ArgumentError, match="no run that is kept"):
        approve(oldest.name, published, by="anna")
    assert current_run(published) == before


def test_while_a_build_has_the_warehouse_publishing_says_so(paths):
    script = (
        f"import duckdb, sys; one = duckdb.connect({str(paths.warehouse)!r});"
        "print('open', flush=True); sys.stdin.read()"
    )
    builder = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert builder.stdout.readline() == "open\n"
    try:
        with pytest.raises(PipelineError, match="a build that is under way"):
            publish(paths.warehouse, paths.published)
    finally:
        builder.communicate("")


def test_a_folder_that_cannot_be_written_is_one_line(paths, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PipelineError, match=r"cannot publish to .*file"):
        publish(paths.warehouse, tmp_path / "file")


def test_a_folder_copied_without_its_links_is_refused(paths, tmp_path):
    shutil.copytree(paths.published, tmp_path / "copied")
    with pytest.raises(PipelineError, match=r"current is a folder, expected a symb"):
        publish(paths.warehouse, tmp_path / "copied")


def test_what_a_stopped_build_may_have_made_counts_as_of_the_build_after_it(paths):
    [first] = last_builds(Registry(paths.registry))
    plant(
        paths,
        "insert into builds (build_id, parent, warehouse, command, started_at,"
        " finished_at) values"
        " ('a', :first, 'warehouse', 'build', '2031-01-01T10:00:00+00:00', null),"
        " ('b', 'a', 'warehouse', 'build', '2031-01-01T11:00:00+00:00',"
        " '2031-01-01T12:00:00+00:00')",
        "update results set made_by = 'a'",
        "insert into results select 'b', node, name, resource_type, model,"
        " description, status, failures, seconds, message, made_by, made_at"
        " from results",
        "update results set made_by = 'b' where build_id = 'b' and name = 'store_map'",
        first=first.build_id,
    )
    with duckdb.connect(str(paths.warehouse)) as connection:
        connection.execute("update builds.current_build set build_id = 'b'")
    run = publish(paths.warehouse, paths.published, check=False)
    assert run.name.startswith("20310101T120000Z-")


@pytest.mark.parametrize(
    ("readers", "folders", "files"),
    [("all", 0o755, 0o644), ("group", 0o750, 0o640), ("owner", 0o700, 0o600)],
)
@pytest.mark.parametrize("umask", [0o077, 0o000])
def test_who_may_read_is_as_configured_whatever_the_umask(
    paths, readers, folders, files, umask
):
    paths.data.chmod(0o700)
    build_again(paths, "b" * 32, days=1)
    before = os.umask(umask)
    try:
        publish(paths.warehouse, paths.published, readers=readers)
        live = live_version(paths.published).folder
        (live / "store_clusters.parquet").unlink()
        repair(paths)
    finally:
        os.umask(before)
    run = current_run(paths.published).folder
    for folder in (live, run, live.parent, run.parent, paths.published):
        assert mode_of(folder) == folders, folder
    for place in (*live.rglob("*"), *run.rglob("*")):
        assert mode_of(place) == (folders if place.is_dir() else files), place
    assert mode_of(paths.data) == 0o700 | folders & 0o011


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777
