"""Models: every published run has them, whole, and of a schema that is known."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from clustering.core.errors import PipelineError
from clustering.core.files import hash_file
from clustering.core.paths import Paths
from clustering.store.integrity import find_damaged
from clustering.store.models import (
    FOLDER,
    MANIFEST,
    SCHEMA_VERSION,
    TABLES,
    read_manifest,
    write_models,
)
from clustering.store.runs import PublishedRun
from tests.store.builds import read_registry


def copy_run(run: PublishedRun, folder: Path) -> PublishedRun:
    return PublishedRun(Path(shutil.copytree(run.folder, folder / run.name)))


def test_a_run_has_models_as_parquet_and_json_alone(small_run):
    files = {file.name for file in (small_run.folder / FOLDER).iterdir()}
    assert files == {MANIFEST, *(f"{table}.parquet" for table in TABLES)}
    manifest = read_manifest(small_run)
    assert manifest["schema_version"] == SCHEMA_VERSION
    assert manifest["run_id"] == small_run.run_id
    assert manifest["settings"]["share_transform"] == "power"


def test_models_know_every_store_and_cluster_of_the_run(small_run):
    stores, clusters = (
        duckdb.read_parquet(str(small_run.folder / FOLDER / f"{name}.parquet"))
        for name in ("stores", "clusters")
    )
    there = small_run.read("select count(*) as n from store_clusters")["n"].iloc[0]
    assert stores.shape[0] == there
    unnamed = clusters.filter("cluster_name is null or cluster_id is null")
    assert clusters.shape[0] > 0
    assert unnamed.shape[0] == 0


def test_checksums_of_models_are_in_the_folder_and_in_the_registry(
    small_data: Paths, small_run
):
    rows = read_registry(small_data, "select run, file, sha256 from models")
    assert {run for run, _, _ in rows} == {small_run.name}
    sums = (small_run.folder / "SHA256SUMS").read_text()
    for _, name, digest in rows:
        assert hash_file(small_run.folder / FOLDER / name) == digest
        assert f"{digest}  {FOLDER}/{name}\n" in sums


def test_models_that_were_changed_are_damaged(small_run, tmp_path):
    run = copy_run(small_run, tmp_path)
    assert find_damaged(run.folder) == []
    (run.folder / FOLDER / "centres.parquet").write_bytes(b"other")
    (run.folder / FOLDER / "forests.parquet").unlink()
    damaged = [f"{FOLDER}/centres.parquet", f"{FOLDER}/forests.parquet"]
    assert find_damaged(run.folder) == damaged


def test_a_warehouse_of_before_there_were_models_is_not_published(tmp_path):
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as build")
        with pytest.raises(PipelineError, match="the warehouse lacks models"):
            write_models(connection, tmp_path, run_id="1")


def test_models_of_a_later_schema_are_refused_by_name(small_run, tmp_path):
    run = copy_run(small_run, tmp_path)
    file = run.folder / FOLDER / MANIFEST
    later = json.loads(file.read_text()) | {"schema_version": SCHEMA_VERSION + 1}
    file.write_text(json.dumps(later))
    expected = f"{file.parent} has models of schema version {SCHEMA_VERSION + 1}"
    with pytest.raises(PipelineError, match=expected):
        read_manifest(run)


def test_a_run_of_before_there_were_models_says_what_to_do(small_run, tmp_path):
    run = copy_run(small_run, tmp_path)
    shutil.rmtree(run.folder / FOLDER)
    with pytest.raises(PipelineError, match=r"has no models.*clustering run"):
        read_manifest(run)
