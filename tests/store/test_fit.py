"""The fit of a published run: its fitted tables, for builds that fit nothing."""

import shutil
from pathlib import Path

import pytest

from clustering.core.errors import PipelineError
from clustering.core.paths import Paths
from clustering.core.settings import check_settings
from clustering.store.fit import FOLDER, open_fit, sign_fit
from clustering.store.integrity import find_damaged
from clustering.store.runs import PublishedRun, current_run

SETTINGS = check_settings({"bootstrap_resamples": 5})


def test_a_run_has_what_was_fitted(small_data: Paths, small_run: PublishedRun):
    files = open_fit(small_data.published, SETTINGS)
    names = {file.stem for file in files}
    assert {"fitted_sales", "external_scopes", "cluster_centres"} <= names
    assert {"internal_projection", "finished_clusters", "cluster_stability"} <= names
    assert {file.parent for file in files} == {small_run.folder / FOLDER}
    assert find_damaged(small_run.folder) == []


def test_without_a_live_version_there_is_no_fit(tmp_path: Path):
    with pytest.raises(PipelineError, match=r"no version is live in .*=changed"):
        open_fit(tmp_path, SETTINGS)


def test_a_version_of_before_has_no_fit(paths: Paths):
    live = current_run(paths.published)
    shutil.rmtree(live.folder / FOLDER)
    with pytest.raises(PipelineError, match=f"the live version {live.name} has no fit"):
        open_fit(paths.published, SETTINGS)


def test_settings_are_those_of_the_fit(small_data: Paths):
    others = check_settings({"bootstrap_resamples": 5, "max_clusters": 7})
    with pytest.raises(PipelineError, match="max_clusters is 7, but 10 in the live"):
        open_fit(small_data.published, others)


def test_what_is_kept_is_signed_where_nothing_is_fitted(small_data: Paths, tmp_path):
    never = check_settings({"refit_when": "never"})
    signed = sign_fit(small_data.published, never)
    tables = {table for table, *_ in signed}
    assert tables >= {"internal_projection", "external_projection"}
    assert {category for _, category, _ in signed} >= {"COFFEE", "SHAMPOO"}
    assert sign_fit(small_data.published, never) == signed
    assert sign_fit(small_data.published, SETTINGS) == []
    assert sign_fit(tmp_path, never) == []
