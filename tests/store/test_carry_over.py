"""A data folder of the version before the registry, made by that version."""

import shutil
from pathlib import Path

import duckdb
import pytest

from clustering.core.errors import PipelineError
from clustering.core.paths import Paths
from clustering.store.builds import last_builds
from clustering.store.registry import Registry
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
