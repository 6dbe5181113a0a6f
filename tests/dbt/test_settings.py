"""Settings: what cannot be is one clear line, before any work."""

import json
import math
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from clustering.core.paths import DBT_PROJECT
from tests.conftest import UNSET
from tests.dbt.conftest import run_dbt

PREFIX = "Settings error: "
REFUSED = [
    ({"excluded_categories": "BEER"}, "='BEER', expected a list of texts"),
    ({"excluded_categories": 5}, "=5, expected a list of texts"),
    ({"excluded_categories": ["BEER", 42]}, "=['BEER', 42], expected a list of texts"),
    ({"must_keep_columns": {"a": "b"}}, "={'a': 'b'}, expected a list of texts"),
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
    ({"internal_scaling": None}, "=null, expected one of: robust, standard"),
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
Check = Callable[..., list[str]]


@pytest.fixture(scope="module")
def check(copied_project) -> Check:
    """Edit dbt_project.yml, check it and return the lines that say what is wrong.

    In this process, and parsed only once: neither matters to the settings.
    """
    folder = copied_project.with_name("edited_project")
    shutil.copytree(copied_project, folder)
    path = folder / "dbt_project.yml"
    project = yaml.safe_load(path.read_text())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in UNSET | {"DATA_DIR"}:
            patch.delenv(name, raising=False)
        quiet = ["--log-level", "none"]
        manifest = dbtRunner().invoke([*quiet, "parse"]).result

        def check(edits: dict[str, object], **given: object) -> list[str]:
            settings = project["vars"]["store_clustering"] | edits
            edited = project | {"vars": {"store_clustering": settings}}
            path.write_text(yaml.safe_dump(edited))
            lines: list[str] = []
            dbt = dbtRunner(manifest=manifest, callbacks=[error_lines(lines)])
            command = ["run-operation", "check_settings", "--vars", json.dumps(given)]
            result = dbt.invoke([*quiet, *command])
            # other processes build in it
            DuckDBConnectionManager.close_all_connections()
            assert result.success == (not lines), result.exception
            return lines

        yield check


def error_lines(lines: list[str]) -> Callable[[object], None]:
    """Return a callback of dbt that adds the line of each of our errors."""

    def notice(event: object) -> None:
        if event.info.name == "RunningOperationCaughtError":
            said = map(str.strip, event.data.exc.splitlines())
            lines.extend(line for line in said if line.startswith(PREFIX))

    return notice


@pytest.mark.parametrize(("edits", "says"), REFUSED, ids=str)
def test_what_cannot_be_is_refused_in_one_line(check, edits, says):
    (line,) = check(edits)
    assert line.startswith(f"{PREFIX}got {next(iter(edits))}=")
    assert says in line


@pytest.mark.parametrize("edits", ACCEPTED, ids=str)
def test_borderline_values_pass(check, edits):
    assert check(edits) == []


def test_vars_of_the_command_line_count(check):
    assert check({"min_clusters": 1}, min_clusters=2) == []
    assert check({}, min_clusters=1) == [
        f"{PREFIX}got min_clusters=1, expected a whole number from 2 up"
    ]


def test_an_unknown_var_of_the_command_line_is_refused_with_the_nearest_first(check):
    (line,) = check({}, min_clutsers=3)
    expected = "there is no setting 'min_clutsers'; known, nearest first: min_clusters"
    assert line.startswith(f"{PREFIX}{expected}, ")
    assert "imputation" in line


def test_an_unknown_var_of_the_project_is_refused(check):
    (line,) = check({"it's": 1})
    assert line.startswith(f'{PREFIX}there is no setting "it\'s"; known')


def test_every_declared_var_has_a_rule_and_every_rule_a_var():
    assert declared_settings() == settings_with_a_rule()


def declared_settings() -> set[str]:
    project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text())
    return set(project["vars"]["store_clustering"])


def settings_with_a_rule() -> set[str]:
    rules = DBT_PROJECT / "macros" / "settings" / "setting_rules.sql"
    return set(re.findall(r"^    '(\w+)': ", rules.read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("{min_clusters: 1}", "min_clusters=1, expected a whole number from 2 up"),
        ("{excluded_categories: 5}", "excluded_categories=5, expected a list of texts"),
    ],
)
def test_dbt_build_stops_before_any_model(copied_project, given, says):
    result = run_dbt(copied_project, "build", "--vars", given)
    assert result.returncode == 2
    assert f"\n  {PREFIX}got {says}\n" in result.stdout
    assert warehouse_relations(copied_project) == []


def warehouse_relations(project: Path) -> list[tuple[str]]:
    path = project.parent / "data" / "warehouse" / "store_clustering.duckdb"
    with duckdb.connect(path, read_only=True) as warehouse:
        return warehouse.sql(
            "select table_name from duckdb_tables()"
            " union all select view_name from duckdb_views() where not internal"
        ).fetchall()
