"""What dbt's hooks record of builds that end, are stopped, or are partial."""

import json
import os
import shutil
from pathlib import Path

import pytest

from clustering.core.paths import DBT_PROJECT, Paths
from clustering.store.recording import KEPT_BUILDS, record_end, record_start
from clustering.store.registry import Registry
from clustering.store.warehouse import read_state

SALES, MART = "model.s.int_sales", "model.s.store_clusters"
TESTS = {"test.s.sales": "int_sales", "test.s.mart": "store_clusters"}
ALL = (SALES, MART, *TESTS)


@pytest.fixture
def registry(tmp_path: Path, small_folder: Path, monkeypatch) -> Registry:
    """Return the registry of an empty data folder whose input is the small sample."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    for name in ("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR"):
        monkeypatch.setenv(name, str(small_folder))
    return Registry(Paths(tmp_path).registry)


def describe(node: str) -> dict[str, str]:
    kind, _, name = node.split(".")
    model = TESTS.get(node, name)
    return {
        "node": node,
        "name": name,
        "resource_type": kind,
        "model": model,
        "description": "",
        "reads": ["source.s.raw.internal_sales"] if node == SALES else [],
    }


def start(
    build_id: str,
    *selected: str,
    parent: str | None = None,
    nodes=ALL,
    command="build",
    warehouse="warehouse",
) -> None:
    facts = {
        "build_id": build_id,
        "parent": parent,
        "command": command,
        "project": str(DBT_PROJECT),
        "warehouse": f"{os.environ['DATA_DIR']}/{warehouse}/store_clustering.duckdb",
        "declared": "{min_clusters: 2, excluded_categories: []}",
        "given": "{min_clusters: 3}",
        "nodes": [describe(node) for node in nodes],
        "selected": selected or ALL,
    }
    record_start(json.dumps(facts))


def end(build_id: str, *made: str, status: str = "success", fits=()) -> str | None:
    results = [
        {
            "node": node,
            "status": "pass" if node in TESTS else status,
            "failures": None,
            "seconds": 1.5,
            "message": "OK",
        }
        for node in made or ALL
    ]
    facts = {
        "build_id": build_id,
        "project": str(DBT_PROJECT),
        "results": results,
        "fits": fits,
    }
    return record_end(json.dumps(facts))


def state(registry: Registry, build_id: str) -> dict[str, tuple[str, str]]:
    """Return status and maker of every node."""
    return {
        one.node: (one.status, one.made_by) for one in read_state(registry, build_id)
    }


def test_a_build_says_who_what_and_how(registry):
    start("a")
    assert end("a") == "passed 2 tests"
    [build] = registry.read("select * from builds")
    assert (build["status"], build["command"], build["parent"]) == (
        "passed",
        "build",
        None,
    )
    assert build["finished_at"] > build["started_at"]
    assert build["started_by"].endswith(", with dbt")
    settings = registry.read("select name, value, is_default from settings")
    assert [tuple(row) for row in settings] == [
        ("excluded_categories", "[]", 1),
        ("min_clusters", "3", 0),
    ]
    assert state(registry, "a")[MART] == ("success", "a")


def test_a_build_of_a_part_takes_over_the_rest(registry):
    start("a")
    end("a")
    start("b", MART, "test.s.mart", parent="a")
    assert state(registry, "b")[MART] == ("building", "b")
    end("b", MART, "test.s.mart", status="error")
    assert state(registry, "b") == {
        SALES: ("success", "a"),
        "test.s.sales": ("pass", "a"),
        MART: ("error", "b"),
        "test.s.mart": ("pass", "b"),
    }
    assert registry.read("select status from builds where build_id = 'b'")[0][0] == (
        "failed"
    )


def test_what_a_killed_build_began_is_of_no_known_state_until_it_is_made(registry):
    start("a")
    end("a")
    start("killed", MART, parent="a")
    start("c", SALES, parent="killed")
    end("c", SALES)
    assert state(registry, "c")[MART] == ("building", "killed")
    start("d", MART, parent="c")
    end("d", MART)
    assert state(registry, "d")[MART] == ("success", "d")


def test_tests_that_are_stopped_leave_everything_as_it_was(registry):
    start("a")
    end("a")
    start("b", *TESTS, parent="a", command="test")
    assert state(registry, "b") == state(registry, "a")


def test_a_model_that_is_no_more_is_forgotten_and_a_new_one_was_never_run(registry):
    start("a", nodes=(SALES,))
    end("a", SALES)
    start("b", SALES, parent="a", nodes=(SALES, MART))
    end("b", SALES)
    assert state(registry, "b")[MART] == (None, None)
    start("c", MART, parent="b", nodes=(MART,))
    assert set(state(registry, "c")) == {MART}


def test_a_copy_of_a_warehouse_goes_its_own_way(registry):
    start("a")
    end("a")
    start("of_scenario", MART, parent="a")
    start("b", SALES, parent="a")
    end("b", SALES)
    assert state(registry, "b")[MART] == ("success", "a")
    assert state(registry, "of_scenario")[SALES] == ("success", "a")


def test_input_files_are_those_of_the_last_build_that_read_them(
    registry, small_folder, tmp_path, monkeypatch
):
    def files(build_id: str) -> list[Path]:
        rows = registry.read(
            "select file from inputs where build_id = :build_id",
            {"build_id": build_id},
        )
        return [Path(row["file"]) for row in rows]

    start("a")
    end("a")
    assert files("a") == [small_folder / "internal_sales.parquet"]
    other = tmp_path / "other"
    shutil.copytree(small_folder, other)
    monkeypatch.setenv("INTERNAL_DATA_DIR", str(other))
    start("b", MART, parent="a")
    assert files("b") == files("a")
    start("tested", *TESTS, SALES, parent="b", command="test")
    assert files("tested") == files("a")
    # also where it is killed, for then nothing is good before it is read once more
    start("killed", SALES, parent="tested")
    assert files("killed") == [other / "internal_sales.parquet"]
    start("c", MART, parent="killed")
    assert files("c") == files("killed")


def test_a_build_that_its_checks_stopped_is_not_recorded(registry):
    assert end("a") is None
    assert registry.read("select * from builds") == []


def test_fits_are_said_of_the_model_that_fitted_most(registry):
    start("a")
    line = end("a", fits=[("prepared", 0, 9), ("candidates", 2, 7)])
    assert line == "passed 2 tests\nfitted 2 of 9 categories, kept 7"
    assert [tuple(row) for row in registry.read("select * from fits")] == [
        ("a", "candidates", 2, 7),
        ("a", "prepared", 0, 9),
    ]


def builds(registry: Registry) -> set[str]:
    return {row["build_id"] for row in registry.read("select build_id from builds")}


def test_old_builds_are_forgotten_but_for_what_a_warehouse_is_still_of(registry):
    start("a")
    end("a")
    start("of_scenario", MART, parent="a", warehouse="scenarios/x")
    end("of_scenario", MART)
    parent = "a"
    for number in range(2 * KEPT_BUILDS):
        start(f"b{number}", parent=parent)
        end(parent := f"b{number}")
    # the state of the scenario has results of a
    assert {"a", "of_scenario", parent} < builds(registry)
    assert len(builds(registry)) <= KEPT_BUILDS + 3
    assert state(registry, "of_scenario")[SALES] == ("success", "a")
    assert registry.read("select * from results where build_id = 'b0'") == []
    [(line,)] = registry.read(
        "with recursive line as (select * from builds where build_id = :last union"
        " select builds.* from builds join line on builds.build_id = line.parent)"
        " select count(*) from line",
        {"last": parent},
    )
    assert line == len(builds(registry)) - 1  # all but the scenario's, without a gap


def test_many_tests_and_many_scenarios_leave_the_state_of_the_main_warehouse(registry):
    start("main")
    end("main")
    parent = "main"
    for number in range(2 * KEPT_BUILDS):
        start(f"test{number}", *TESTS, parent=parent, command="test")
        end(parent := f"test{number}", *TESTS)
    assert state(registry, parent)[MART] == ("success", "main")
    for number in range(2 * KEPT_BUILDS):
        folder = f"scenarios/s{number}"
        start(f"s{number}", parent=parent, warehouse=folder)
        end(f"s{number}")
    assert state(registry, parent)[MART] == ("success", "main")
    assert "main" in builds(registry)
