"""The dbt project itself: described, tested, quiet, and run as the README says."""

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from clustering.core.paths import DBT_PROJECT
from clustering.core.settings import Refit, Shown
from ml import settings
from ml.settings import Group, Method
from tests.dbt.conftest import run_dbt

SELECTORS = {
    "internal_preprocessing": {"store_need_state_shares", "store_eligibility"},
    "external_preprocessing": {"external_feature_catalog", "store_external_features"},
    "seam": {"int_sales_checked", "int_need_state_sales", "int_input_rows"},
    "internal_clustering": {
        "fitted_sales",
        "int_corrections",
        "fixed_k_in_force",
        "internal_prepared",
        "internal_clusters",
    },
    "external_clustering": {
        "int_corrections",
        "fixed_k_in_force",
        "selected_external_features",
        "external_prepared",
        "external_clusters",
    },
    "drivers": {"driver_importance", "external_drivers"},
    "merging": {
        "merged_clusters",
        "previous_clusters",
        "int_corrections",
        "effective_corrections",
        "store_volume_bands",
        "final_clusters",
        "corrections",
        "store_clusters",
        "k_selection",
    },
    "full_pipeline": {"stg_internal_sales", "store_clusters"},
}

# Tests that find a row that is there twice.
ONE_ROW = {"unique", "unique_combination", "same_rows"}
# Rows of the input, in which a key may stand twice, or with several reasons.
ROWS_AS_READ = {
    "stg_internal_sales",
    "stg_need_states",
    "int_external_keys_checked",
    "int_input_rows",
    "int_sales_rows",
    "quarantined_rows",
}

MOST_MODELS = 92
LONGEST_CHAIN = 39


def read_manifest(folder: Path) -> dict:
    return json.loads((folder / "target" / "manifest.json").read_text())


def test_dbt_build_by_hand_works_and_warns_of_nothing(copied_project):
    result = run_dbt(copied_project, "build")
    assert result.returncode == 0, result.stdout
    assert "WARN=0 ERROR=0 SKIP=0" in result.stdout
    assert "[WARNING]" not in result.stdout
    assert "deprecat" not in result.stdout.lower()


def test_a_build_of_empty_tables_works(copied_project):
    arguments = ("build", "--empty", "--exclude", "test_type:unit")
    result = run_dbt(copied_project, *arguments, "--exclude-resource-type", "test")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(("selector", "models"), SELECTORS.items())
def test_each_selector_selects_its_part(copied_project, selector, models):
    result = run_dbt(
        copied_project,
        *("--quiet", "ls", "--selector", selector),
        *("--resource-type", "model", "--output", "name"),
    )
    assert models <= set(result.stdout.split()), result.stdout


def test_build_of_the_seam_tests_that_no_row_of_the_input_is_lost(copied_project):
    result = run_dbt(
        copied_project,
        *("--quiet", "ls", "--selector", "seam"),
        *("--resource-type", "test", "--output", "name"),
    )
    assert "assert_input_rows_reconcile" in result.stdout.split()


def test_every_model_is_described_with_its_grain_and_tested(copied_project):
    assert run_dbt(copied_project, "parse").returncode == 0
    nodes = read_manifest(copied_project)["nodes"].values()
    tested = {node.get("attached_node") for node in nodes}
    models = [node for node in nodes if node["resource_type"] == "model"]
    assert len(models) > 30
    for model in models:
        assert model["description"].startswith("One row"), model["name"]
        assert all(column["description"] for column in model["columns"].values())
        assert model["unique_id"] in tested, model["name"]


def test_the_rows_of_every_table_are_unique(copied_project):
    """By a key of its own, or as the rows of another table are."""
    assert run_dbt(copied_project, "parse").returncode == 0
    nodes = read_manifest(copied_project)["nodes"].values()
    unique = {
        node["attached_node"].split(".")[-1]
        for node in nodes
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") in ONE_ROW
    }
    models = {node["name"] for node in nodes if node["resource_type"] == "model"}
    assert models - unique == ROWS_AS_READ


def test_models_are_few_and_no_chain_of_them_is_long(copied_project):
    """Every model takes time in every build, and so does every link of the chain."""
    assert run_dbt(copied_project, "parse").returncode == 0
    reads = {
        name: [parent for parent in node["depends_on"]["nodes"] if "model." in parent]
        for name, node in read_manifest(copied_project)["nodes"].items()
        if node["resource_type"] == "model"
    }

    @cache
    def length_of_chain(model: str) -> int:
        return 1 + max(map(length_of_chain, reads[model]), default=0)

    assert len(reads) <= MOST_MODELS
    assert max(map(length_of_chain, reads)) <= LONGEST_CHAIN


def test_marts_have_enforced_contracts(copied_project):
    marts = [
        node
        for node in read_manifest(copied_project)["nodes"].values()
        if node["resource_type"] == "model" and "marts" in node["fqn"]
    ]
    assert len(marts) > 10
    assert all(mart["config"]["contract"]["enforced"] for mart in marts)
    assert all(mart["config"]["access"] == "public" for mart in marts)


def test_every_var_has_a_comment_and_every_use_has_a_var():
    text = (DBT_PROJECT / "dbt_project.yml").read_text()
    declared = yaml.safe_load(text)["vars"]["store_clustering"]
    lines = text.splitlines()
    for name in declared:
        at = next(i for i, line in enumerate(lines) if line.startswith(f"    {name}:"))
        above = lines[at - 1].strip()
        assert above.startswith(("#", "min_clusters", "internal_")), name
    sources = [
        path
        for suffix in ("sql", "yml")
        for path in DBT_PROJECT.rglob(f"*.{suffix}")
        if "target" not in path.parts
    ]
    in_sql = {
        name
        for path in sources
        for name in re.findall(r"var\('(\w+)'\)", path.read_text())
    }
    read = [Refit, Shown, *groups_of_models()]
    in_python = set().union(*(group.model_fields for group in read))
    assert in_sql | in_python == set(declared)


def groups_of_models() -> list[type[Group]]:
    """Return the settings that Python models read, but for fingerprints of them all."""
    models = (DBT_PROJECT / "models" / "clustering").glob("*.py")
    read = re.compile(r"from ml\.settings import (.+)")
    lines = [line for path in models for line in read.findall(path.read_text())]
    names = {name for line in lines for name in line.split(", ")} - {Method.__name__}
    return [getattr(settings, name) for name in names]


def test_usage_statistics_are_off():
    project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text())
    assert project["flags"]["send_anonymous_usage_stats"] is False


@pytest.mark.parametrize(
    "path",
    sorted((DBT_PROJECT / "models").rglob("*.yml")),
    ids=lambda path: path.stem,
)
def test_properties_follow_dbts_own_schema(path):
    """Warehouses other than DuckDB get this check from dbt itself."""
    schema = json.loads(
        (files("dbt") / "jsonschemas" / "resources" / "latest.json").read_text()
    )
    content = {"version": 2, **yaml.safe_load(path.read_text())}
    # of metrics it has the form of dbt 1.12, which 1.11 does not read; parsing does
    content.pop("metrics", None)
    errors = list(Draft7Validator(schema).iter_errors(content))
    assert not errors, [f"{list(error.path)}: {error.message}" for error in errors]


def test_every_setting_of_the_clustering_is_part_of_the_fingerprint():
    """A var that only SQL reads there must be a setting of the method, too."""
    models = DBT_PROJECT / "models" / "clustering"
    sources = [*models.glob("*.sql"), *(DBT_PROJECT / "macros").glob("*.sql")]
    in_sql = set(re.findall(r"var\('(\w+)'\)", "".join(map(Path.read_text, sources))))
    fingerprint = DBT_PROJECT / "models" / "features" / "run_fingerprint.py"
    assert "read_settings(session, Method)" in fingerprint.read_text()
    assert in_sql
    assert in_sql <= set(Method.model_fields)
