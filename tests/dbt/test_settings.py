"""Settings: an invalid one is one clear line, before any work."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from tests.conftest import UNSET
from tests.dbt.conftest import run_dbt

PREFIX = "Settings error: "
# One of each kind; tests/core/test_settings.py has them all.
REFUSED = [
    ({"excluded_categories": ["BEER", 42]}, "=['BEER', 42], expected a list of texts"),
    ({"min_active_periods": None}, "=null, expected a whole number from 1 up"),
    (
        {"share_transform": "a\nb"},
        r"='a\nb', expected one of: share, hellinger, cube_root, power, clr",
    ),
    ({"scaled_limit": math.inf}, "=inf, expected a number above 0"),
    (
        {"min_clusters": 7, "max_clusters": 6},
        "=7 and max_clusters=6, expected min_clusters to be at most max_clusters",
    ),
]
ACCEPTED = [{}, {"n_components": 1, "volume_bands": []}]
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
