"""Everything that the references show is described: models, columns, settings."""

import json
from pathlib import Path

import pytest

from clustering.core.paths import DBT_PROJECT
from clustering.core.settings import Settings
from docs.extensions.settings import read_settings

# The user's own columns: every column of the input that the contract does not list.
OF_THE_USER = {"stg_external_sales", "stg_store_attributes"}


@pytest.fixture
def manifest(artifacts: Path) -> dict:
    return json.loads((artifacts / "manifest.json").read_text())


@pytest.fixture
def catalog(artifacts: Path) -> dict:
    return json.loads((artifacts / "catalog.json").read_text())


def test_every_model_seed_source_test_and_exposure_is_described(manifest):
    nodes = [
        *(node for node in manifest["nodes"].values() if not _is_generic_test(node)),
        *manifest["sources"].values(),
        *manifest["exposures"].values(),
    ]
    described = [n for n in nodes if n["resource_type"] not in {"operation", "test"}]
    assert len(described) > 70
    assert [n["name"] for n in described if not n["description"]] == []
    singular = [n for n in nodes if n["resource_type"] == "test"]
    assert [n["name"] for n in singular if not n["description"]] == []


def _is_generic_test(node: dict) -> bool:
    """Return whether a test is generic: its name and column say it all."""
    return node["resource_type"] == "test" and "test_metadata" in node


def test_every_column_of_the_warehouse_is_described(manifest, catalog):
    missing = {
        node["name"]: undescribed
        for key, found in catalog["nodes"].items()
        if (node := manifest["nodes"][key])["name"] not in OF_THE_USER
        if (undescribed := _undescribed(node, found))
    }
    assert len(catalog["nodes"]) > 60
    assert missing == {}


def test_every_column_of_the_input_contract_is_described_and_there(manifest, catalog):
    assert len(catalog["sources"]) == len(manifest["sources"]) > 4
    for key, source in manifest["sources"].items():
        assert all(column["description"] for column in source["columns"].values()), key
        assert set(source["columns"]) <= set(catalog["sources"][key]["columns"]), key


def _undescribed(node: dict, found: dict) -> list[str]:
    described = {
        name for name, column in node["columns"].items() if column["description"]
    }
    return sorted(set(found["columns"]) ^ described)


def test_every_setting_has_a_section_a_text_and_a_rule():
    settings = list(read_settings((DBT_PROJECT / "dbt_project.yml").read_text()))
    assert len(settings) > 30
    assert [setting.name for setting in settings if not setting.section] == []
    assert [setting.name for setting in settings if len(setting.text) < 10] == []
    assert {setting.name for setting in settings} == set(Settings.model_fields)
