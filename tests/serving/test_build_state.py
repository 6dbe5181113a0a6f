"""What may be published: states of a warehouse, planted in a real one."""

import duckdb
import pytest

from cli.errors import PipelineError
from serving.build_state import check_build
from tests.conftest import run_clustering

LATER = "insert into builds.builds values ('b', {}, now() + interval 1 minute, {})"


def plant(paths, *statements: str) -> None:
    with duckdb.connect(str(paths.warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_whole_build_that_passed_may_be_published(paths):
    check_build(paths.warehouse)


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (["drop schema builds cascade"], "no build is recorded in it"),
        (["delete from builds.builds"], "no build is recorded in it"),
        (
            [LATER.format("'build', null", "null")],
            "was stopped, or is under way",
        ),
        (
            [LATER.format("'run', false", "now() + interval 2 minutes")],
            "had not every model and test",
        ),
        (
            [
                "update builds.results set status = 'fail'"
                " where name like 'assert_every%'",
            ],
            "did not pass: assert_every_",
        ),
        (
            [
                LATER.format("'test', false", "now() + interval 2 minutes"),
                "insert into builds.results by name"
                " select 'b' as build_id, 'a_test' as name, 'fail' as status",
            ],
            "did not pass: a_test",
        ),
    ],
)
def test_other_states_are_refused_with_the_reason(paths, statements, reason):
    plant(paths, *statements)
    with pytest.raises(PipelineError, match=reason) as error:
        check_build(paths.warehouse)
    assert "\n" not in str(error.value)


def test_tests_that_pass_later_change_nothing(paths):
    plant(paths, LATER.format("'test', false", "now() + interval 2 minutes"))
    check_build(paths.warehouse)


def test_without_a_warehouse_the_command_says_what_to_run(tmp_path):
    result = run_clustering("publish", data=tmp_path)
    assert result.returncode == 4
    assert result.stderr.startswith("Error: there is no warehouse")
    assert "clustering run" in result.stderr
