"""What earlier builds left, as a DAG run asks of it."""

from dataclasses import replace

import pytest

from clustering.airflow.plan import EXTERNAL_END, INTERNAL_END, Manifest, Plan
from clustering.airflow.state import State
from clustering.core.paths import Paths
from clustering.store.warehouse import Result

SALES = "model.s.sales"
TEST = "test.s.sales_are_positive.1"
LINE = [("b", "run", "input"), ("a", "run", "input"), ("0", None, "input")]


@pytest.fixture
def plan() -> Plan:
    """Sales -> internal, and a test."""
    parents = dict.fromkeys([SALES, EXTERNAL_END], frozenset())
    parents[INTERNAL_END] = frozenset([SALES])
    manifest = Manifest(
        parents=parents,
        tests={TEST: frozenset([SALES])},
        folders=dict.fromkeys(parents, "models/x"),
        descriptions=dict.fromkeys(parents, ""),
    )
    return Plan.of_stages(manifest, ["internal"])


def made(node: str, *, by: str = "a", at: str = "1", run: str | None = "run") -> Result:
    kind, _, name, *_ = node.split(".")
    status = "pass" if kind == "test" else "success"
    model = "sales" if kind == "test" else name
    return Result(node, name, kind, model, status, by, at, run, "input")


def state_of(*results: Result, line=LINE) -> State:
    return State({one.node: one for one in results}, line)


GOOD = [made(SALES), made(INTERNAL_END), made(TEST)]


def test_nothing_has_passed_where_nothing_was_built(plan, tmp_path):
    state = State.read(Paths(tmp_path))
    assert not state.has_passed(plan)
    assert state.done(plan, run="run", signature="input") == frozenset()
    assert list(tmp_path.iterdir()) == []


def test_a_stage_has_passed_once_all_of_it_is_good(plan):
    assert state_of(*GOOD).has_passed(plan)
    assert state_of(*GOOD).has_passed(plan, run="run")
    assert not state_of(*GOOD).has_passed(plan, run="another")
    for one in GOOD:
        for status in (None, "building", "error", "fail", "skipped"):
            others = [result for result in GOOD if result != one]
            assert not state_of(*others, replace(one, status=status)).has_passed(plan)


def test_parts_of_two_runs_are_no_stage_that_has_passed(plan):
    sales, *others = GOOD
    assert not state_of(replace(sales, run="earlier"), *others).has_passed(plan)
    assert not state_of(replace(sales, run=None), *others).has_passed(plan)
    # another attempt of the same run is one with it
    assert state_of(replace(sales, made_by="b"), *others).has_passed(plan)


def test_what_the_command_has_built_has_passed_as_well(plan):
    of_command = [replace(one, run=None) for one in GOOD]
    assert state_of(*of_command).has_passed(plan)
    assert not state_of(*of_command).has_passed(plan, run="run")


def test_a_model_that_is_newer_than_its_test_has_not_passed(plan):
    sales, *others = GOOD
    assert not state_of(replace(sales, made_at="2"), *others).has_passed(plan)


def test_what_a_run_has_done_counts_for_the_same_input_alone(plan):
    state = state_of(*GOOD)
    everything = {SALES, INTERNAL_END}
    assert state.done(plan, run="run", signature="input") == everything
    assert state.done(plan, run="run", signature="other") == set()
    assert state.done(plan, run="another", signature="input") == set()


def test_a_model_is_done_only_with_its_tests(plan):
    sales, internal, test = GOOD
    for status in ("building", "fail", None):
        state = state_of(sales, internal, replace(test, status=status))
        assert state.done(plan, run="run", signature="input") == {INTERNAL_END}


def test_where_another_has_built_in_between_nothing_is_done(plan):
    between = [("b", "run", "input"), ("c", None, "input"), ("a", "run", "input")]
    state = state_of(*GOOD, line=between)
    assert state.done(plan, run="run", signature="input") == set()
