"""What may be published: build states, planted in a real warehouse."""

import duckdb
import pytest

from clustering.core.errors import PipelineError
from clustering.core.paths import DBT_PROJECT
from clustering.store.registry import Registry
from clustering.store.warehouse import check_build, check_opens, open_warehouse
from tests.conftest import run_clustering, run_environment
from tests.forked import run_forked
from tests.store.builds import plant


def check(paths) -> None:
    with open_warehouse(paths.warehouse, Registry(paths.registry)) as warehouse:
        check_build(warehouse)


def test_a_whole_build_that_passed_may_be_published(paths):
    check(paths)


def test_a_warehouse_without_a_recorded_build_is_refused(paths):
    with duckdb.connect(str(paths.warehouse)) as connection:
        connection.execute("drop schema builds cascade")
    with pytest.raises(PipelineError, match="no build is recorded in it"):
        check(paths)


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (["delete from results"], "no build is recorded in it"),
        (
            ["update results set status = 'building' where name = 'store_map'"],
            r"the build of 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d was stopped",
        ),
        (
            ["update results set status = 'fail' where name = 'store_clusters'"],
            "store_clusters has the status fail",
        ),
        (
            [
                "update results set status = null, made_by = null, made_at = null"
                " where name = 'store_clusters'"
            ],
            "1 models and tests of the project were never run in it",
        ),
        (
            [
                "update results set made_at = '2031-01-01T10:00:00+00:00'"
                " where name = 'store_clusters'"
            ],
            "not tested since they were made: store_clusters",
        ),
    ],
)
def test_other_states_are_refused_with_the_reason(paths, statements, reason):
    plant(paths, *statements)
    with pytest.raises(PipelineError, match=reason) as error:
        check(paths)
    assert "\n" not in str(error.value)


def test_plain_dbt_is_recorded_as_the_command_is(paths, small_folder):
    """A model alone is not published, and is once its tests passed too."""
    variables = dict.fromkeys(("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR"), small_folder)
    variables |= {"DBT_TARGET_PATH": paths.data / "target"}

    def run_plain_dbt(command: str) -> int:
        given = {name: str(value) for name, value in variables.items()}
        environment = run_environment(paths.data, **given)
        arguments = (command, "--select", "cluster_quality")
        done = run_forked("dbt", arguments, env=environment, cwd=DBT_PROJECT)
        return done.returncode

    assert run_plain_dbt("run") == 0
    with pytest.raises(PipelineError, match=r"not tested since .*: cluster_quality"):
        check(paths)
    assert run_plain_dbt("test") == 0
    check(paths)


def test_without_a_warehouse_the_command_says_what_to_run(tmp_path):
    result = run_clustering("publish", data=tmp_path)
    assert result.returncode == 4
    assert result.stderr.startswith("Error: there is no warehouse")
    assert "clustering run" in result.stderr


def test_a_question_mark_in_the_path_is_told_before_anything_is_built(tmp_path):
    """DuckDB would look for the journal of `a?b.duckdb` in another folder."""
    with pytest.raises(PipelineError, match="without a question mark"):
        check_opens(tmp_path / "why?" / "warehouse" / "store_clustering.duckdb")
