"""Settings of one run."""

import math
import re

import pytest

from clustering.core.errors import ArgumentError, SettingsError
from clustering.core.settings import (
    Settings,
    check_settings,
    declared_settings,
    read_settings,
)
from tests.conftest import run_clustering

REFUSED = [
    ({"excluded_categories": "BEER"}, "='BEER', expected a list of texts"),
    ({"excluded_categories": 5}, "=5, expected a list of texts"),
    ({"excluded_categories": ["BEER", 42]}, "=['BEER', 42], expected a list of texts"),
    ({"must_keep_columns": {"a": "b"}}, "={'a': 'b'}, expected a list of texts"),
    ({"sales_rows": "first"}, "='first', expected one of: sum, last, refuse_"),
    ({"volume_bands": "SML"}, "='SML', expected a list of texts"),
    ({"max_levels": 0}, "=0, expected a whole number from 1 up"),
    ({"min_active_periods": None}, "=null, expected a whole number from 1 up"),
    ({"max_quarantined_share": 1.01}, "=1.01, expected a number from 0 to 1"),
    ({"max_correlation": True}, "=true, expected a number from 0 to 1"),
    ({"max_same_value": "0.9"}, "='0.9', expected a number from 0 to 1"),
    (
        {"share_transform": "a\nb"},
        r"='a\nb', expected one of: share, hellinger, cube_root, power, clr",
    ),
    ({"share_exponent": 0}, "=0, expected a number above 0, at most 1"),
    (
        {"imputation": "medain"},
        "='medain', expected one of: mean, median, most_frequent, knn",
    ),
    ({"internal_scaling": None}, "=null, expected one of: power, robust, standard"),
    ({"scaled_limit": 0}, "=0, expected a number above 0"),
    ({"scaled_limit": math.inf}, "=inf, expected a number above 0"),
    ({"outlier_score": 0}, "=0, expected a number above 0, at most 1"),
    ({"driver_share": 1.5}, "=1.5, expected a number above 0, at most 1"),
    ({"n_components": 0}, "=0, expected a share below 1 or a whole number above 0"),
    ({"n_components": 1.0}, "=1.0, expected a share below 1 or a whole number"),
    ({"n_components": 2.5}, "=2.5, expected a share below 1 or a whole number"),
    ({"algorithm": "KMeans"}, "='KMeans', expected one of: kmeans, minibatch_kmeans"),
    ({"min_clusters": 1}, "=1, expected a whole number from 2 up"),
    ({"max_clusters": 5.0}, "=5.0, expected a whole number from 2 up"),
    ({"min_cluster_size": True}, "=true, expected a whole number from 1 up"),
    ({"max_cluster_size": -1}, "=-1, expected a whole number from 0 up"),
    ({"min_cluster_share": 0.51}, "=0.51, expected a number from 0 to 0.5"),
    ({"random_state": 2**32}, "expected a whole number from 0 to 4294967295"),
    ({"bootstrap_resamples": 1}, "=1, expected a whole number from 2 up"),
    ({"min_stability": math.nan}, "=nan, expected a number from 0 to 1"),
    ({"internal_weight": -0.1}, "=-0.1, expected a number from 0 up"),
    ({"label_continuity": "yes"}, "='yes', expected true or false"),
    (
        {"min_clusters": 7, "max_clusters": 6},
        "=7 and max_clusters=6, expected min_clusters to be at most max_clusters",
    ),
    (
        {"max_cluster_size": 19, "min_cluster_size": 10},
        "=19 and min_cluster_size=10, expected max_cluster_size to be 0 (no maximum)"
        " or at least twice min_cluster_size",
    ),
    (
        {"external_scope": "global", "external_feature_selection": "drivers"},
        "=global and external_feature_selection=drivers, expected all",
    ),
    (
        {"internal_weight": 0, "external_weight": 0.0},
        "=0 and external_weight=0, expected one of them above 0",
    ),
]
ACCEPTED = [
    {},
    {"excluded_categories": [], "must_keep_columns": ["INCOME"], "max_levels": 1},
    {"max_quarantined_share": 0, "max_correlation": 1, "max_same_value": 1.0},
    {"min_clusters": 2, "max_clusters": 2, "random_state": 0, "scaled_limit": 0.01},
    {"min_cluster_size": 10, "max_cluster_size": 20, "min_cluster_share": 0.5},
    {"min_cluster_size": 10, "max_cluster_size": 0, "min_cluster_share": 0},
    {"internal_weight": 0, "external_weight": 3, "outlier_score": 1},
    {"n_components": 0.99, "algorithm": "hdbscan", "external_reduction": "famd"},
    {"n_components": 1, "label_continuity": False, "internal_scaling": "none"},
    {"n_components": 7, "rebalance_mode": "cluster", "external_scope": "global"},
    {"driver_share": 1, "external_feature_selection": "drivers", "min_stability": 1},
    {"stability_resamples": 2, "bootstrap_resamples": 2, "imputation": "knn"},
    {"share_transform": "power", "share_exponent": 1},
    {"volume_bands": []},
]


@pytest.mark.parametrize(("given", "says"), REFUSED, ids=str)
def test_what_cannot_be_is_refused_in_one_line(given, says):
    with pytest.raises(SettingsError) as refused:
        check_settings(given)
    line = str(refused.value)
    assert line.startswith(f"got {next(iter(given))}=")
    assert says in line
    assert "\n" not in line


@pytest.mark.parametrize("given", ACCEPTED, ids=str)
def test_borderline_values_pass(given):
    settings = check_settings(given)
    assert all(getattr(settings, name) == value for name, value in given.items())


def test_dbt_project_and_the_schema_have_the_same_settings_in_the_same_order():
    assert list(declared_settings()) == list(Settings.model_fields)


def test_a_var_that_the_project_lacks_is_named_with_what_it_may_be():
    declared = declared_settings()
    del declared["n_init"]
    with pytest.raises(SettingsError) as refused:
        check_settings({}, declared=declared)
    assert str(refused.value) == (
        "n_init is missing, expected a whole number from 1 up"
    )


def test_an_unknown_var_of_the_project_is_refused_with_the_nearest_first():
    with pytest.raises(SettingsError) as refused:
        check_settings({}, declared=declared_settings() | {"min_clutsers": 2})
    said = "there is no setting 'min_clutsers'; known, nearest first: min_clusters, "
    assert str(refused.value).startswith(said)


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
        "Error: got min_clusters=2025-12-01, expected a whole number from 2 up [E300]\n"
    )
    assert not (tmp_path / "published").exists()


def test_the_command_ends_with_exit_code_2_before_any_work(tmp_path):
    result = run_clustering("run", "--param", "imputatoin=mean", data=tmp_path)
    assert result.returncode == 2
    assert result.stderr == (
        "Error: there is no setting 'imputatoin'; did you mean imputation? [E200]\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["cluster_count", "k", "n_clusters"])
def test_what_other_tools_call_it_leads_to_the_settings(name):
    expected = f"no setting '{name}'; min_clusters and max_clusters are the range of k"
    with pytest.raises(ArgumentError, match=expected):
        read_settings([f"{name}=5"])
