"""The run tables, against the warehouse, the input files and the checkout."""

import hashlib

import yaml

from clustering.core.paths import DBT_PROJECT
from clustering.store.facts import code_version
from clustering.store.publish import publish
from tests.store.builds import plant


def test_a_run_says_when_from_what_code_and_how_long_it_was_built(small_run):
    (row,) = small_run.read("from run").to_dict("records")
    (of_clusters,) = small_run.read("select distinct run_id from store_clusters").run_id
    assert row["run_id"] == of_clusters
    assert row["built_at"].floor("s") == small_run.built_at.replace(tzinfo=None)
    assert row["code_version"] == code_version()
    assert row["seconds"] > 1
    counts = small_run.read("select count(*) as n from run_tests")
    assert row["test_count"] == counts["n"][0] > 200


def test_settings_are_those_of_the_project(small_run):
    declared = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text())["vars"]
    settings = small_run.read("from run_settings").set_index("name")
    assert set(settings.index) == set(declared["store_clustering"])
    assert settings.loc["algorithm", "value"] == "kmeans"
    assert settings.loc["excluded_categories", "value"] == "[]"
    others = settings[~settings["is_default"]]
    assert others["value"].to_dict() == {"bootstrap_resamples": "5"}


def test_input_files_are_named_with_their_fingerprints(small_run, small_folder):
    files = small_run.read("from run_inputs").set_index("source_table")
    assert len(files) == 4
    for name, row in files.iterrows():
        assert row["file"] == f"{name}.parquet"
        content = (small_folder / row["file"]).read_bytes()
        assert row["bytes"] == len(content)
        assert row["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_file_that_changed_since_the_build_has_no_fingerprint(paths, tmp_path):
    changed = tmp_path / "sales.parquet"
    changed.write_bytes(b"other")
    plant(
        paths,
        "update inputs set file = :file where source_table = 'internal_sales'",
        file=str(changed),
    )
    run = publish(paths.warehouse, paths.data / "elsewhere")
    files = run.read("from run_inputs").set_index("source_table")
    assert files["sha256"].isna().to_dict() == {
        "external_sales": False,
        "internal_sales": True,
        "need_state": False,
        "store_attributes": False,
    }


def test_rows_are_counted(small_run):
    counts = small_run.read("from run_row_counts")
    for mart, count in counts.itertuples(index=False):
        assert len(small_run.read(f"from {mart}")) == count
    assert "store_clusters" in set(counts["table_name"])


def test_every_test_of_the_data_passed_or_warned(small_run):
    tests = small_run.read("from run_tests")
    assert set(tests["status"]) <= {"pass", "warn"}
    assert "store_clusters" in set(tests["model"])
    assert tests["test"].is_unique


def test_the_code_is_known_where_there_is_no_git(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert " " not in code_version()
