"""Published runs: each read once, the newest at once, and no file kept open."""

import shutil
from pathlib import Path

import pytest

from clustering.dashboard.published import Run, RunGoneError, current, kept
from clustering.store.runs import CURRENT, RUNS
from tests.dashboard.folders import publish_copy

COUNT = "select count(*) as n from cluster_summary"


@pytest.fixture
def published(sample_published, tmp_path) -> Path:
    publish_copy(sample_published, tmp_path, built="20261101T080000Z")
    return tmp_path


def test_nothing_published_is_no_run(tmp_path):
    assert current(tmp_path) is None
    assert kept(tmp_path) == []


def test_new_publication_is_read_at_once(sample_published, published):
    before = current(published)
    count = before.read(COUNT)["n"][0]
    publish_copy(
        sample_published,
        published,
        built="20261102T080000Z",
        change="delete from cluster_summary where cluster_id > 1",
    )
    after = current(published)
    assert after.name > before.name
    assert after.read(COUNT)["n"][0] < count
    # a page that is being shown stays with its run
    assert before.read(COUNT)["n"][0] == count
    assert [run.name for run in kept(published)] == [after.name, before.name]


def test_answer_is_read_once_and_is_the_callers_own(published):
    run = current(published)
    first = run.read(COUNT)
    first["n"] = -1
    (run.folder / "store_clustering.duckdb").rename(published / "elsewhere")
    assert run.read(COUNT)["n"][0] > 0


def test_no_file_stays_open(published):
    run = current(published)
    run.read("select count(*) from store_clusters")
    opened = [one.readlink() for one in Path("/proc/self/fd").iterdir() if one.exists()]
    assert run.published.database not in opened


def test_run_that_was_removed_is_gone(published):
    run = current(published)
    shutil.rmtree(run.folder)
    with pytest.raises(RunGoneError, match=run.name):
        run.read("select count(*) from store_map")


def test_run_is_its_own_folder_not_the_link(published):
    run = current(published)
    assert run == Run(published / RUNS / run.name)
    assert CURRENT not in run.folder.parts
    assert {"store_clusters", "run", "run_tests"} <= run.tables
