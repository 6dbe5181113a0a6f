"""Builds and runs of the command: which was last, how it ended, what is unchanged."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest

from clustering.core.errors import PipelineError
from clustering.core.paths import Paths
from clustering.store.builds import (
    find_same,
    is_under_way,
    last_builds,
    last_command,
    record_command,
)
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


def test_where_another_version_is_live_by_now_labels_would_follow_that(
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


ABOUT = {"job": "full_pipeline", "scenario": None}
KILLED = """
import os, sys
from pathlib import Path
from clustering.core.paths import Paths
from clustering.store.builds import record_command
with record_command(Paths(Path(sys.argv[1])), {"scenario": "fewer"}):
    os.kill(os.getpid(), 9)
"""


def kill_a_run(folder: Path) -> int:
    """Start a run that is killed, and return its process id."""
    process = subprocess.Popen([sys.executable, "-c", KILLED, folder])
    process.wait()
    return process.pid


def test_a_run_that_ended_has_ended(tmp_path):
    paths = Paths(tmp_path)
    assert last_command(paths) is None
    assert not is_under_way(paths)
    with record_command(paths, ABOUT) as result:
        assert is_under_way(paths)
        assert not last_command(paths).has_ended
        result["published"] = "one"
    run = last_command(paths)
    assert (run.process, run.has_ended, run.error) == (os.getpid(), True, None)
    assert not is_under_way(paths)


def test_a_run_that_failed_says_why(tmp_path):
    with (
        pytest.raises(ValueError, match="no such"),
        record_command(Paths(tmp_path), ABOUT),
    ):
        raise ValueError("no such column")
    run = last_command(Paths(tmp_path))
    assert (run.has_ended, run.error) == (True, "no such column")


def test_a_run_that_was_killed_has_no_end(tmp_path):
    process = kill_a_run(tmp_path)
    run = last_command(Paths(tmp_path))
    assert (run.process, run.scenario, run.has_ended) == (process, "fewer", False)
    assert not is_under_way(Paths(tmp_path))


def hold_a_run(folder: Path) -> subprocess.Popen:
    """Start a run that goes on until somebody presses Enter."""
    holding = KILLED.replace("os.kill(os.getpid(), 9)", "print(flush=True); input()")
    holding = holding.replace('"fewer"', "None")
    process = subprocess.Popen(
        [sys.executable, "-c", holding, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    process.stdout.readline()
    return process


def test_a_second_run_is_refused_at_once_and_names_the_first(tmp_path):
    other = hold_a_run(tmp_path)
    with (
        pytest.raises(PipelineError, match=f"in process {other.pid}.*--wait"),
        record_command(Paths(tmp_path), ABOUT),
    ):
        raise AssertionError
    scenario = Paths(tmp_path, scenario="fewer")
    with record_command(scenario, ABOUT):  # has a warehouse of its own
        pass
    other.communicate(b"\n")
    with record_command(Paths(tmp_path), ABOUT):
        pass


def test_a_run_that_waits_follows_the_first(tmp_path):
    other = hold_a_run(tmp_path)
    ended = []
    Timer(0.3, lambda: (ended.append(1), other.communicate(b"\n"))).start()
    with record_command(Paths(tmp_path), ABOUT, wait=True):
        assert ended
