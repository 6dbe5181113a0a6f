"""Settings of one run."""

import re

import pytest

from clustering.core.errors import ArgumentError
from clustering.core.settings import read_settings
from tests.conftest import run_clustering


def test_values_are_read_as_yaml():
    assert read_settings(
        ["min_cluster_size=20", "imputation=mean", "excluded_categories=[BEER, WINE]"]
    ) == {
        "min_cluster_size": 20,
        "imputation": "mean",
        "excluded_categories": ["BEER", "WINE"],
    }


def test_an_unknown_setting_is_refused_with_the_nearest_known_one():
    with pytest.raises(ArgumentError, match="did you mean min_cluster_size"):
        read_settings(["min_cluster_sise=20"])


def test_a_text_without_a_value_is_refused():
    with pytest.raises(ArgumentError, match="got --param 'imputation'"):
        read_settings(["imputation"])


@pytest.mark.parametrize("value", ["[BEER", "2025-13-01", "a: b: c"])
def test_a_value_that_is_no_yaml_is_refused(value):
    param = f"excluded_categories={value}"
    with pytest.raises(ArgumentError, match=re.escape(f"got --param {param!r}")):
        read_settings([param])


def test_a_value_that_cannot_be_ends_with_exit_code_3(small_folder, tmp_path):
    """Even a date, which is a value in YAML that JSON does not have."""
    arguments = ("run", "--raw", small_folder, "--param", "min_clusters=2025-12-01")
    result = run_clustering(*arguments, data=tmp_path)
    assert result.returncode == 3
    assert result.stderr == (
        "Error: got min_clusters=2025-12-01, expected a whole number from 2 up\n"
    )
    assert not (tmp_path / "published").exists()


def test_the_command_ends_with_exit_code_2_before_any_work(tmp_path):
    result = run_clustering("run", "--param", "imputatoin=mean", data=tmp_path)
    assert result.returncode == 2
    assert result.stderr == (
        "Error: there is no setting 'imputatoin'; did you mean imputation?\n"
    )
    assert list(tmp_path.iterdir()) == []
