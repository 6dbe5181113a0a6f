"""The DAG files: read without error and fast, and wired as dbt is."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clustering.core.paths import PROJECT
from tests.dags.client import Airflow

WHOLE = "store_clustering"


@pytest.fixture(scope="module")
def found(airflow: Airflow) -> dict[str, Any]:
    """DAGs that Airflow finds in dags/."""
    return read_dags(airflow)


def read_dags(airflow: Airflow, **variables: str) -> dict[str, Any]:
    """Return what is read in a process of its own."""
    result = subprocess.run(
        [sys.executable, Path(__file__).with_name("read_dags.py")],
        env={**airflow.variables, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def parents(airflow: Airflow) -> dict[str, set[str]]:
    """Per model and seed, what it reads, as dbt's manifest says."""
    file = Path(airflow.variables["AIRFLOW_HOME"]) / "dbt" / "manifest.json"
    parent_map = json.loads(file.read_text())["parent_map"]
    built = {node for node in parent_map if node.startswith(("model.", "seed."))}
    return {node: built.intersection(parent_map[node]) for node in built}


def test_dags_are_read_without_error_and_without_dbt(found: dict[str, Any]) -> None:
    assert found["errors"] == {}
    assert not found["dbt"]
    assert set(found["dags"]) == {
        WHOLE,
        f"{WHOLE}_internal",
        f"{WHOLE}_external",
        f"{WHOLE}_merging",
    }


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_dags_of_other_environments_are_on_the_clock(
    airflow: Airflow, environment: str
) -> None:
    found = read_dags(airflow, CLUSTERING_ENV=environment)
    assert found["errors"] == {}
    schedules = {name: dag["schedule"] for name, dag in found["dags"].items()}
    assert "CronTriggerTimetable" in schedules[f"{WHOLE}_internal"]
    assert "CronTriggerTimetable" in schedules[f"{WHOLE}_external"]
    assert "AssetOrTimeSchedule" in schedules[WHOLE]
    assert "AssetTriggeredTimetable" in schedules[f"{WHOLE}_merging"]


def test_dags_are_read_without_parsing_the_project(found: dict[str, Any]) -> None:
    # Cosmos takes some 30 times as long as as many empty tasks; dbt would take hundreds
    assert found["seconds"] < 60 * found["plain_seconds"]


def test_every_model_is_a_task_wired_as_in_dbt(
    found: dict[str, Any], parents: dict[str, set[str]]
) -> None:
    tasks = found["dags"][WHOLE]["tasks"]
    model_of = {name: task["model"] for name, task in tasks.items() if task["model"]}
    edges = {
        (model, model_of[child])
        for name, model in model_of.items()
        for child in tasks[name]["downstream"]
        if child in model_of
    }
    assert sorted(model_of.values()) == sorted(parents)
    assert edges == {(p, node) for node, read in parents.items() for p in read}


def test_stages_are_the_groups_and_make_up_the_whole(found: dict[str, Any]) -> None:
    def models(dag: str) -> set[str]:
        return {t for t, task in found["dags"][dag]["tasks"].items() if task["model"]}

    parts = [models(f"{WHOLE}_{part}") for part in ("internal", "external", "merging")]
    assert sum(map(len, parts)) == len(models(WHOLE))
    assert set.union(*parts) == models(WHOLE)
    groups = {task.split(".")[0] for task in models(WHOLE)}
    assert groups == {"internal", "external", "merging", "marts"}


def test_nothing_is_built_unchecked_or_published_unbuilt(found: dict[str, Any]) -> None:
    for name, dag in found["dags"].items():
        tasks = dag["tasks"]
        last = "done" if name.endswith(("internal", "external")) else "publish"
        watched = {task for task in tasks if tasks[task]["model"]}
        assert set(tasks["validate"]["downstream"]) == watched | {"build"}
        leads_on = {task for task in watched if tasks[task]["downstream"]}
        assert leads_on == watched
        assert last in tasks["build"]["downstream"]
        assert tasks["build"]["pool"] == "duckdb"
        assert dag["max_active_runs"] == 1


def test_file_of_the_dags_only_declares() -> None:
    lines = (PROJECT / "dags" / "store_clustering.py").read_text().splitlines()
    assert len(lines) < 40


def test_missing_manifest_says_how_to_make_it(airflow: Airflow, tmp_path: Path) -> None:
    [error] = read_dags(airflow, AIRFLOW_HOME=str(tmp_path))["errors"].values()
    assert f"no dbt manifest {tmp_path / 'dbt' / 'manifest.json'}; make it" in error
