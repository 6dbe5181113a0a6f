"""What a run is made from: the signature, and the run tables."""

import hashlib
import os
import shutil
from datetime import date

import pytest
import yaml

from clustering.core.contract import CONTRACT
from clustering.core.paths import DBT_PROJECT
from clustering.store import facts
from clustering.store.facts import code_version, sign
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


TODAY = date(2026, 11, 21)


@pytest.fixture
def raw(small_folder, tmp_path):
    """Copy the input, to be changed."""
    return shutil.copytree(small_folder, tmp_path / "raw")


def sign_all(raw, **changed) -> str:
    return sign(
        **{"internal": raw, "external": raw, "settings": {}, "today": TODAY} | changed
    )


def test_a_copy_with_another_time_is_the_same(raw, small_folder):
    for file in raw.iterdir():
        os.utime(file, (0, 0))
    (raw / "notes.txt").write_text("not a table")
    assert sign_all(raw) == sign_all(small_folder)


def test_every_table_and_setting_counts(raw):
    found = {sign_all(raw), sign_all(raw, settings={"max_clusters": 3})}
    found.add(sign_all(raw, fit=[("internal_projection", "COFFEE", "fingerprint")]))
    for file in sorted(raw.iterdir()):
        content = file.read_bytes()
        file.write_bytes(content + b" ")
        found.add(sign_all(raw))
        file.write_bytes(content)
    assert len(found) == 3 + len(list(raw.iterdir())) == 7


def test_a_table_may_be_a_folder_of_files(raw):
    before = sign_all(raw)
    (raw / "internal_sales").mkdir()
    (raw / "internal_sales.parquet").rename(raw / "internal_sales" / "a.parquet")
    one = sign_all(raw)
    shutil.copy(
        raw / "internal_sales" / "a.parquet", raw / "internal_sales" / "b.parquet"
    )
    assert len({before, one, sign_all(raw)}) == 3


def test_code_counts_and_so_does_the_day_on_which_a_correction_ends(
    raw, tmp_path, monkeypatch
):
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (tmp_path / CONTRACT).parent.mkdir(parents=True)
    shutil.copy(DBT_PROJECT / CONTRACT, tmp_path / CONTRACT)
    monkeypatch.setattr(facts, "DBT_PROJECT", tmp_path)
    before = sign_all(raw)
    (seeds / "moves.csv").write_text(
        "store_id,expires_on\n1,2026-11-20\n2,2027-01-01\n"
    )
    assert sign_all(raw, today=date(2026, 11, 20)) == before
    ended = sign_all(raw)
    assert ended != before
    assert sign_all(raw, today=date(2026, 12, 31)) == ended
    assert sign_all(raw, today=date(2027, 1, 2)) != ended
    code = tmp_path / "ml"
    code.mkdir()
    (code / "fit.py").write_text("1")
    monkeypatch.setattr(facts, "CODE", [code])
    first = sign_all(raw)
    (code / "fit.py").write_text("2")
    assert sign_all(raw) != first
