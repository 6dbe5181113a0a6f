"""The registry: which run a build would make once more, and when none."""

import shutil
import subprocess
import sys

import duckdb
import pytest

from clustering.store.publish import approve, publish
from clustering.store.registry import BusyError, find_same, last_builds, open_warehouse
from clustering.store.runs import current_run
from tests.store.builds import build_again


@pytest.fixture
def signature(paths) -> str:
    [build] = last_builds(paths.warehouse)
    return build.signature


def test_the_same_signature_is_the_same_run(paths, signature, small_run):
    found = find_same(paths.warehouse, paths.published, signature=signature)
    assert found.name == small_run.name
    assert find_same(paths.warehouse, paths.published, signature="x") is None


@pytest.mark.parametrize(
    "statement",
    [
        "update builds.builds set finished_at = null",
        "update builds.results set status = 'error' where name = 'store_map'",
        "update builds.builds set signature = null",
    ],
)
def test_what_is_not_whole_and_good_is_built_again(paths, signature, statement):
    with duckdb.connect(str(paths.warehouse)) as connection:
        connection.execute(statement)
    assert find_same(paths.warehouse, paths.published, signature=signature) is None


def test_a_run_that_is_gone_is_built_again(paths, signature):
    shutil.rmtree(current_run(paths.published).folder)
    assert find_same(paths.warehouse, paths.published, signature=signature) is None


def test_where_readers_have_another_run_by_now_labels_would_follow_that(
    paths, signature, small_run
):
    build_again(paths.warehouse, "b" * 32, days=1)
    run = publish(paths.warehouse, paths.published)
    assert find_same(paths.warehouse, paths.published, signature=signature) == run
    approve(small_run.name, paths.published, by="anna")
    assert find_same(paths.warehouse, paths.published, signature=signature) is None


def test_a_build_under_way_is_told_with_its_process(paths):
    script = (
        f"import duckdb, sys; one = duckdb.connect({str(paths.warehouse)!r});"
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as builder:
        builder.stdout.readline()
        with pytest.raises(BusyError) as busy, open_warehouse(paths.warehouse):
            pass
        assert busy.value.process == str(builder.pid)
        assert find_same(paths.warehouse, paths.published, signature="x") is None


def test_a_warehouse_of_an_earlier_version_has_no_builds_to_tell(paths):
    with duckdb.connect(str(paths.warehouse)) as connection:
        connection.execute("alter table builds.builds drop signature")
    assert last_builds(paths.warehouse) == []


def test_without_a_warehouse_there_is_nothing(tmp_path):
    assert last_builds(tmp_path / "none.duckdb") == []
