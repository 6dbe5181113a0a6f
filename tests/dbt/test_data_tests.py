"""Tests that run with their model find what `dbt test` finds, and stop what follows."""

import json
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
import yaml

from clustering.core.paths import DBT_PROJECT, Paths
from clustering.store.registry import Registry
from tests.dbt.conftest import run_dbt

MODELS = {
    "plain": "select unnest([1, 2, 3]) as id, unnest(['x', 'y', 'x']) as kind",
    "used": "select id, kind, id / 2 as half from {{ ref('plain') }}",
    "last": "select count(*) as n from {{ ref('used') }}",
}

GOOD = {
    "plain": {
        "id": ["unique", "not_null"],
        "kind": [{"accepted_values": {"arguments": {"values": ["x", "y"]}}}],
    },
    "used": {
        "id": [
            "unique",
            {"relationships": {"arguments": {"to": "ref('plain')", "field": "id"}}},
        ],
        "half": [
            {"accepted_range": {"arguments": {"max_value": "{{ var('most', 2) }}"}}}
        ],
    },
    "last": {"n": ["not_null"]},
}


def write_project(folder: Path, models: dict, tests: dict) -> Path:
    """Write a project of a few models whose tests run as ours do."""
    project = folder / "project"
    for name in ("macros", "tests", "profiles.yml", "selectors.yml"):
        source = DBT_PROJECT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, (project / name).parent.mkdir(exist_ok=True) or project / name)
    for test in (project / "tests").glob("*.*"):
        test.unlink()  # those of our models
    (project / "selectors.yml").write_text(
        (project / "selectors.yml").read_text().partition("selectors:")[0]
        + yaml.safe_dump({"selectors": [_everything()]})
    )
    hook = "{{ run_data_tests() }}"
    content = {
        "name": "store_clustering",
        "profile": "store_clustering",
        "flags": {"send_anonymous_usage_stats": False},
        "on-run-start": ["{{ record_build_start() }}"],
        "on-run-end": ["{{ record_build_end(results) }}"],
        "models": {"+post-hook": hook, "+materialized": "table"},
        "vars": {"store_clustering": {"nothing": 1}},
    }
    (project / "dbt_project.yml").write_text(yaml.safe_dump(content))
    (project / "models").mkdir()
    for name, query in models.items():
        (project / "models" / f"{name}.sql").write_text(query)
    described = [
        {
            "name": name,
            "columns": [
                {"name": column, "data_tests": tests[name][column]}
                for column in tests[name]
            ],
        }
        for name in tests
    ]
    (project / "models" / "models.yml").write_text(
        yaml.safe_dump({"models": described})
    )
    (folder / "data" / "warehouse").mkdir(parents=True)
    return project


def _everything() -> dict:
    text = (DBT_PROJECT / "selectors.yml").read_text()
    return next(
        one
        for one in yaml.safe_load(text)["selectors"]
        if one["name"] == "full_pipeline"
    )


def statuses(project: Path) -> dict[str, str]:
    """Return the recorded status of every node of the last build, by its name."""
    registry = Registry(Paths(project.parent / "data").registry)
    query = "select build_id from builds order by started_at desc limit 1"
    [(build_id,)] = registry.read(query)
    rows = registry.read(
        "select name, status from results where build_id = :build_id",
        {"build_id": build_id},
    )
    return {row["name"]: row["status"] for row in rows}


def tables(project: Path) -> set[str]:
    file = project.parent / "data" / "warehouse" / "store_clustering.duckdb"
    with duckdb.connect(str(file), read_only=True) as warehouse:
        found = warehouse.execute("select table_name from duckdb_tables()").fetchall()
    return {name for (name,) in found}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("good"), MODELS, GOOD)


def nodes_of(result: subprocess.CompletedProcess[str], project: Path) -> list[str]:
    """Return the kinds of what dbt ran as nodes of their own."""
    assert result.returncode == 0, result.stdout
    made = json.loads((project / "target" / "run_results.json").read_text())
    kinds = [one["unique_id"].partition(".")[0] for one in made["results"]]
    return [kind for kind in kinds if kind != "operation"]


def test_a_build_runs_the_tests_of_a_model_with_it(good):
    result = run_dbt(good, "build")
    assert nodes_of(result, good) == ["model"] * 3
    assert "passed 7 tests" in result.stdout
    found = statuses(good)
    assert set(found.values()) == {"success", "pass"}
    assert len(found) == 10


def test_no_test_runs_twice_where_somebody_selects_a_model(good):
    result = run_dbt(good, "build", "--select", "used")
    assert sorted(nodes_of(result, good)) == ["model"] + ["test"] * 3
    assert "passed 3 tests" in result.stdout


def test_plain_dbt_test_runs_them_one_by_one(good):
    assert nodes_of(run_dbt(good, "test"), good) == ["test"] * 7
    assert set(statuses(good).values()) == {"success", "pass"}


def test_an_empty_build_tests_nothing(good):
    result = run_dbt(good, "build", "--empty")
    assert nodes_of(result, good) == ["model"] * 3
    assert "passed" not in result.stdout


# A column, a test of it that finds something, and what is said.
FINDINGS = {
    "unique": (
        "kind", "unique",
        "unique_unique_kind: 1 row, such as unique_field x, n_records 2",
    ),
    "in_range": (
        "id", {"accepted_range": {"arguments": {"max_value": "{{ var('most', 2) }}"}}},
        "accepted_range_in_range_id___var_most_2_: 1 row, such as id 3",
    ),
    "where": (
        "kind", {"unique": {"config": {"where": "id <> 2"}}},
        "unique_where_kind: 1 row, such as unique_field x, n_records 2",
    ),
    "error_if": (
        "id", {"accepted_range": {
            "arguments": {"min_value": 3}, "config": {"error_if": ">1"}}},
        "accepted_range_error_if_id__3: 2 rows, such as id 1",
    ),
    "relationship": (
        "id", {"relationships": {"arguments": {"to": "ref('less')", "field": "id"}}},
        "relationships_relationship_id__id__ref_less_: 1 row, such as from_field 3",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a project with a finding in each model, and a model after each."""
    models, tests = {"less": "select unnest([1, 2]) as id"}, {}
    for name, (column, test, _) in FINDINGS.items():
        models[name] = f"{MODELS['plain']} -- {{{{ ref('less') }}}}"
        models[f"after_{name}"] = f"select * from {{{{ ref('{name}') }}}}"
        other = "id" if column == "kind" else "kind"
        tests[name] = {column: [test], other: ["not_null"]}
    return write_project(tmp_path_factory.mktemp("bad"), models, tests)


@pytest.fixture(scope="module")
def build(bad) -> str:
    result = run_dbt(bad, "build")
    assert result.returncode == 1
    return result.stdout


@pytest.mark.parametrize("model", FINDINGS)
def test_a_finding_is_told_by_name_and_example_and_stops_what_follows(
    bad, build, model
):
    says = FINDINGS[model][2]
    assert f"Test failed: {says}" in build
    found = statuses(bad)
    assert found[model] == "error"
    assert found[says.partition(":")[0]] == "fail"
    assert found[f"after_{model}"] == "skipped"
    assert not {model, f"after_{model}"} & tables(bad)


def test_the_other_tests_of_the_model_have_their_results(bad, build):
    good = len(FINDINGS)
    assert f"passed {good} tests, {good} failed" in build
    assert list(statuses(bad).values()).count("pass") == good


def test_dbt_test_finds_the_same_and_a_failed_build_leaves_what_was_there(bad, build):
    together = statuses(bad)
    assert run_dbt(bad, "run").returncode == 0
    assert run_dbt(bad, "test").returncode == 1
    tests = [name for name, one in together.items() if one in ("pass", "fail")]
    alone = statuses(bad)
    assert {name: alone[name] for name in tests} == {n: together[n] for n in tests}
    assert run_dbt(bad, "build").returncode == 1
    assert set(FINDINGS) < tables(bad)


def test_a_warning_is_told_and_stops_nothing_and_a_retry_tests_again(tmp_path):
    tests = GOOD | {
        "plain": {
            "kind": [{"unique": {"config": {"severity": "warn"}}}],
            "id": [{"accepted_range": {"arguments": {"max_value": 2}}}],
        }
    }
    project = write_project(tmp_path, MODELS, tests)
    failed = run_dbt(project, "build", may_warn=True)
    warning = "unique_plain_kind: 1 row, such as unique_field x"
    assert failed.returncode == 1
    assert warning in failed.stdout
    query = MODELS["plain"].replace("3]", "0]")
    (project / "models" / "plain.sql").write_text(query)
    retried = run_dbt(project, "retry", may_warn=True)
    assert retried.returncode == 0, retried.stdout
    assert warning in retried.stdout
    assert "passed 5 tests, 1 warned" in retried.stdout
    assert set(statuses(project).values()) == {"success", "pass", "warn"}


def test_a_test_that_reads_what_is_built_later_is_refused(tmp_path):
    test = {"relationships": {"arguments": {"to": "ref('used')", "field": "id"}}}
    project = write_project(tmp_path, MODELS, {"plain": {"id": [test]}})
    result = run_dbt(project, "build")
    assert result.returncode == 1
    assert "reads used, which plain is not made from" in result.stdout
