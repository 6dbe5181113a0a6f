"""Settings: what a group rejects, and what it takes from those of a run."""

import subprocess
import sys
from inspect import get_annotations

import pytest
from pydantic import ValidationError

import ml
from clustering.core.settings import check_settings
from ml import settings
from ml.settings import Fit, Group, Method

RUN = check_settings({})
GROUPS = [
    group
    for group in vars(settings).values()
    if isinstance(group, type) and issubclass(group, Group)
]

every_group = pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)


def given(group: type[Group], **settings: object) -> Group:
    """Return a group of the settings of a run, some of them others."""
    return group(**RUN.model_dump() | settings)


@every_group
def test_a_group_takes_its_own_settings_from_those_of_a_run(group: type[Group]) -> None:
    found = group.model_validate_json(RUN.model_dump_json())
    assert found == given(group)
    assert all(getattr(RUN, name) == value for name, value in found)


@every_group
def test_a_group_has_no_setting_that_the_method_lacks(group: type[Group]) -> None:
    assert group.model_fields.keys() <= Method.model_fields.keys()


def test_every_setting_is_declared_once() -> None:
    declared = [name for group in GROUPS for name in get_annotations(group)]
    assert sorted(declared) == sorted(Method.model_fields)


def test_a_setting_of_another_group_cannot_be_read() -> None:
    with pytest.raises(AttributeError, match="k_margin"):
        given(Fit).k_margin  # noqa: B018


def test_a_setting_that_is_missing_is_named() -> None:
    with pytest.raises(ValidationError, match="n_init"):
        Fit(algorithm="kmeans", min_cluster_size=5, random_state=0)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("algorithm", "dbscan", "'kmeans', 'minibatch_kmeans', 'gmm'"),
        ("external_reduction", "mca", "'pca' or 'famd'"),
        ("external_scaling", "max", "'robust', 'standard', 'minmax' or 'none'"),
        ("imputation", "odd", "'mean', 'median', 'most_frequent' or 'knn'"),
        ("share_transform", "log", "'cube_root', 'power' or 'clr'"),
        ("rebalance_mode", "both", "'store' or 'cluster'"),
        ("external_feature_selection", "best", "'all' or 'drivers'"),
        ("driver_share", 0, "greater than 0"),
        ("driver_share", 1.5, "less than or equal to 1"),
        ("min_clusters", 1, "greater than or equal to 2"),
        ("min_cluster_size", 0, "greater than or equal to 1"),
        ("min_cluster_share", 3, "less than or equal to 0.5"),
        ("min_cluster_share", -0.01, "greater than or equal to 0"),
        ("internal_weight", -0.1, "greater than or equal to 0"),
    ],
)
def test_a_value_that_cannot_be_is_refused(name: str, value: object, says: str) -> None:
    with pytest.raises(ValidationError, match=says) as refused:
        given(Method, **{name: value})
    assert refused.value.errors()[0]["loc"] == (name,)


@pytest.mark.parametrize(
    ("group", "values", "says"),
    [
        (
            settings.Search,
            {"min_clusters": 5, "max_clusters": 4},
            "got min_clusters=5 and max_clusters=4, expected min_clusters",
        ),
        (
            settings.Weights,
            {"internal_weight": 0, "external_weight": 0.0},
            "got internal_weight=0 and external_weight=0, expected one of them above 0",
        ),
        (
            settings.Finish,
            {"max_cluster_size": 19, "min_cluster_size": 10},
            "got max_cluster_size=19 and min_cluster_size=10, expected",
        ),
        (
            settings.Scopes,
            {"external_scope": "global", "external_feature_selection": "drivers"},
            "got external_scope=global and external_feature_selection=drivers,",
        ),
        (
            settings.FinalChoice,
            {"min_final_clusters": 5, "max_final_clusters": 4},
            "got min_final_clusters=5 and max_final_clusters=4, expected",
        ),
    ],
)
def test_values_that_contradict_each_other_are_refused_by_their_group(
    group: type[Group], values: dict[str, object], says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        given(group, **values)


def test_fewer_starts_are_never_more() -> None:
    fit = given(Fit, n_init=5)
    assert fit.with_starts(2) == given(Fit, n_init=2)
    assert fit.with_starts(9) == fit


def test_settings_alone_import_nothing_heavy() -> None:
    program = (
        "import sys, ml.settings, clustering.core.settings;"
        "print(*{'numpy', 'pandas', 'scipy', 'sklearn'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "\n"


@pytest.mark.parametrize("name", ml.__all__)
def test_public_names_of_the_package_are_those_of_its_modules(name: str) -> None:
    assert callable(getattr(ml, name))


def test_another_name_is_no_attribute_of_the_package() -> None:
    with pytest.raises(AttributeError, match="'ml' has no attribute 'prepares'"):
        ml.prepares  # noqa: B018
