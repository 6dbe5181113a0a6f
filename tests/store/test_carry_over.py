"""A data folder of the version before the registry, made by that version."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.duckdb.credentials import DuckDBCredentials

from clustering.core.errors import PipelineError
from clustering.core.paths import Paths
from clustering.store.builds import find_unpublished, last_builds
from clustering.store.facts import read_run
from clustering.store.plugin import Plugin
from clustering.store.registry import Registry
from clustering.store.runs import run_name
from clustering.store.versions import Decision, add_decisions, read_versions
from clustering.store.warehouse import check_build, open_warehouse, read_state
from tests.conftest import PROJECT

RECORDED = PROJECT / "tests" / "recorded" / "earlier"


def lay_out(data: Path, *statements: str) -> Paths:
    """Lay out what that version kept of two builds, and change some of it."""
    paths = Paths(data)
    for folder in (paths.published, paths.warehouse.parent):
        folder.mkdir(parents=True)
    shutil.copy2(RECORDED / "versions.jsonl", paths.published)
    with duckdb.connect(str(paths.warehouse)) as connection:
        connection.execute("create schema builds")
        for file in RECORDED.glob("*.parquet"):
            connection.execute(f"create table builds.{file.stem} as from '{file}'")
        for statement in statements:
            connection.execute(statement)
    return paths


def check(paths: Paths) -> None:
    with open_warehouse(paths.warehouse, Registry(paths.registry)) as warehouse:
        check_build(warehouse)


def test_versions_builds_and_state_are_those_of_before(tmp_path):
    paths = lay_out(tmp_path)
    second, first = read_versions(paths.published)
    assert (first.state, second.state) == ("superseded", "approved")
    assert second.decided_at.isoformat() == "2026-11-30T05:59:32+00:00"
    last, before = last_builds(Registry(paths.registry))
    assert last.follows == first.run.split("-")[1]
    assert (last.state, before.state) == ("passed", "passed")
    assert last.tags == ["by=anna"]
    assert last.started_at > before.finished_at
    assert len(read_state(Registry(paths.registry), last.build_id)) == 657
    check(paths)
    files = Registry(paths.registry).read("select file from inputs order by file")
    assert len(files) == 4
    assert not paths.registry.exists()  # who reads writes nothing


def test_the_first_change_keeps_it_all(tmp_path):
    paths = lay_out(tmp_path)
    second, first = read_versions(paths.published)
    at = second.decided_at
    add_decisions(paths.published, [Decision(first.run, "approved", at, "anna")])
    (paths.published / "versions.jsonl").unlink()
    states = [one.state for one in read_versions(paths.published)]
    assert states == ["superseded", "approved"]
    check(paths)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("update builds.builds set finished_at = null", "was stopped"),
        ("update builds.results set status = 'fail'", "has the status fail"),
        (
            "delete from builds.results where name = 'store_clusters'",
            "1 models and tests of the project were never run",
        ),
    ],
)
def test_what_was_not_good_is_not_good_now(tmp_path, statement, reason):
    paths = lay_out(tmp_path, statement)
    with pytest.raises(PipelineError, match=reason):
        check(paths)


def test_a_warehouse_of_long_ago_has_no_builds_to_tell(tmp_path):
    paths = lay_out(tmp_path, "alter table builds.builds drop signature")
    assert last_builds(Registry(paths.registry)) == []


def test_an_earlier_folder_whose_last_build_was_a_test_keeps_its_run(tmp_path):
    """The clusters are from the build before, and its end names the run."""
    paths = lay_out(
        tmp_path,
        "insert into builds.builds by name select * replace ('t' as build_id,"
        " 'test' as command, '2031-01-01 10:00:00+00' as started_at,"
        " '2031-01-01 10:01:00+00' as finished_at) from builds.builds limit 1",
        "create schema features",
        "create table features.run_fingerprint as select '598c94f4eec7' as run_id",
    )
    newest = read_versions(paths.published)[0].run
    with open_warehouse(paths.warehouse, Registry(paths.registry)) as warehouse:
        assert warehouse.build_id == "t"
        run_id, built_at = read_run(warehouse)
    assert run_name(run_id, built_at=built_at) == newest
    assert find_unpublished(paths.warehouse, paths.published) is None


def test_what_another_process_has_open_is_carried_over_once_it_ends(tmp_path):
    paths = lay_out(tmp_path)
    script = (
        f"import duckdb, sys; one = duckdb.connect({str(paths.warehouse)!r});"
        "print('open', flush=True); sys.stdin.read()"
    )
    [newest, _] = read_versions(paths.published)
    decision = Decision(newest.run, "rejected", newest.decided_at, "anna")
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as builder:
        builder.stdout.readline()
        assert len(read_versions(paths.published)) == 2
        with pytest.raises(PipelineError, match=r"another process has .* open"):
            add_decisions(paths.published, [decision])
    add_decisions(paths.published, [decision])
    assert len(last_builds(Registry(paths.registry))) == 2


def test_plain_dbt_carries_over_before_it_opens_the_warehouse(tmp_path, monkeypatch):
    paths = lay_out(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    Plugin("registry", {}, DuckDBCredentials(path=str(paths.warehouse)))
    assert paths.registry.exists()
    with duckdb.connect(str(paths.warehouse)):
        assert len(last_builds(Registry(paths.registry))) == 2
