"""The builds of a data folder: which run one would make once more, and when none."""

import shutil
import subprocess
import sys

import pytest

from clustering.store.builds import find_same, last_builds
from clustering.store.publish import approve, publish
from clustering.store.registry import Registry
from clustering.store.runs import current_run
from clustering.store.warehouse import BusyError, open_warehouse
from tests.store.builds import build_again, plant


@pytest.fixture
def signature(paths) -> str:
    [build] = last_builds(Registry(paths.registry))
    return build.signature


def test_the_same_signature_is_the_same_run(paths, signature, small_run):
    found = find_same(paths.warehouse, paths.published, signature=signature)
    assert found.name == small_run.name
    assert find_same(paths.warehouse, paths.published, signature="x") is None


@pytest.mark.parametrize(
    "statement",
    [
        "update results set status = 'building' where name = 'store_map'",
        "update results set status = 'error' where name = 'store_map'",
        "update builds set signature = null",
    ],
)
def test_what_is_not_whole_and_good_is_built_again(paths, signature, statement):
    plant(paths, statement)
    assert find_same(paths.warehouse, paths.published, signature=signature) is None


def test_a_run_that_is_gone_is_built_again(paths, signature):
    shutil.rmtree(current_run(paths.published).folder)
    assert find_same(paths.warehouse, paths.published, signature=signature) is None


def test_where_readers_have_another_run_by_now_labels_would_follow_that(
    paths, signature, small_run
):
    build_again(paths, "b" * 32, days=1)
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
        registry = Registry(paths.registry)
        with (
            pytest.raises(BusyError) as busy,
            open_warehouse(paths.warehouse, registry),
        ):
            pass
        assert f"PID {builder.pid}" in busy.value.reason
        assert find_same(paths.warehouse, paths.published, signature="x") is None


def test_one_model_built_from_another_signature_is_built_again(paths, signature):
    plant(
        paths,
        "insert into builds (build_id, warehouse, command, started_at, signature)"
        " values ('b', 'warehouse', 'run', '2026-11-21T12:00:00+00:00', 'other')",
        "update results set made_by = 'b' where name = 'store_map'",
    )
    assert find_same(paths.warehouse, paths.published, signature=signature) is None


def test_without_a_registry_there_is_nothing(tmp_path):
    assert last_builds(Registry(tmp_path / "registry.sqlite")) == []
    assert list(tmp_path.iterdir()) == []
