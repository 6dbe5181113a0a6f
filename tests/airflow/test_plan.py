"""What one build is to do, and what earlier builds left."""

from dataclasses import replace

import pytest

from clustering.airflow.plan import (
    EXTERNAL_END,
    INTERNAL_END,
    STAGES,
    Manifest,
    Plan,
    State,
    stage_of,
)
from clustering.core.paths import Paths
from clustering.store.warehouse import Result

SALES, MARKET = "model.s.sales", "model.s.market"
MERGED, MART = "model.s.merged", "model.s.mart"
NOT_NULL = "test.s.sales_are_not_null.5"


@pytest.fixture
def manifest() -> Manifest:
    """Sales -> internal, market -> external, both -> merged -> mart; five tests."""
    parents = {
        SALES: [],
        MARKET: [],
        INTERNAL_END: [SALES],
        EXTERNAL_END: [MARKET],
        MERGED: [INTERNAL_END, EXTERNAL_END],
        MART: [MERGED],
    }
    tests = {
        "test.s.sales_are_positive.1": [SALES],
        "test.s.sides_have_the_same_stores.2": [INTERNAL_END, EXTERNAL_END],
        "test.s.mart_has_all_sales.3": [SALES, MART],
        "test.s.merged_is_unique.4": [MERGED],
        NOT_NULL: [SALES],
    }
    return Manifest(
        parents={node: frozenset(read) for node, read in parents.items()},
        tests={test: frozenset(read) for test, read in tests.items()},
        run_with_model=frozenset([NOT_NULL]),
        folders=dict.fromkeys(parents, "models/x") | {MART: "models/marts"},
        descriptions=dict.fromkeys(parents, ""),
    )


def names(nodes: object) -> set[str]:
    return {node.split(".")[2] for node in nodes}


def test_stage_is_where_a_model_leads_to(manifest: Manifest) -> None:
    assert stage_of(manifest, SALES) == stage_of(manifest, INTERNAL_END) == "internal"
    assert stage_of(manifest, MARKET) == stage_of(manifest, EXTERNAL_END) == "external"
    assert stage_of(manifest, MERGED) == "merging"
    assert stage_of(manifest, MART) == "marts"


def test_everything_needs_no_selection(manifest: Manifest) -> None:
    plan = Plan.of_stages(manifest, STAGES)
    assert plan.flags == []
    assert plan.stages == set(STAGES)


def test_test_of_several_models_belongs_to_the_one_built_last(
    manifest: Manifest,
) -> None:
    tests_of = Plan.of_stages(manifest, STAGES).tests_of
    assert names(tests_of[MART]) == {"mart_has_all_sales"}
    assert names(tests_of[SALES]) == {"sales_are_positive", "sales_are_not_null"}
    assert sum(map(len, tests_of.values())) == len(manifest.tests)


def test_stage_leaves_tests_that_read_what_others_build(manifest: Manifest) -> None:
    plan = Plan.of_stages(manifest, ["external"])
    assert names(plan.models) == {"market", "external_clusters"}
    assert plan.tests == frozenset()
    plan = Plan.of_stages(manifest, ["merging", "marts"])
    assert names(plan.tests) == {"merged_is_unique", "mart_has_all_sales"}


def test_selection_is_exact_but_for_tests_that_run_with_their_model(
    manifest: Manifest,
) -> None:
    plan = Plan.of_stages(manifest, ["internal"])
    assert NOT_NULL in plan.tests
    assert plan.flags == [
        "--select",
        "internal_clusters",
        "sales",
        "sales_are_positive",
        "--indirect-selection",
        "empty",
    ]


def test_rest_has_every_test_that_reads_a_model_not_done(manifest: Manifest) -> None:
    plan = Plan.of_stages(manifest, STAGES).without([SALES, INTERNAL_END])
    assert names(plan.models) == {"market", "external_clusters", "merged", "mart"}
    assert names(plan.tests) == {
        "sides_have_the_same_stores",
        "mart_has_all_sales",
        "merged_is_unique",
    }


def test_selection_of_dbt_may_have_part_of_a_stage(manifest: Manifest) -> None:
    plan = Plan.of_nodes(manifest, [SALES, "test.s.sales_are_positive.1", "source.x"])
    assert (plan.models, len(plan.tests)) == (frozenset([SALES]), 1)
    assert plan.stages == {"internal"}


def test_what_is_read_but_not_built_is_needed(manifest: Manifest) -> None:
    assert Plan.of_stages(manifest, STAGES).needs == set()
    merging = Plan.of_stages(manifest, ["merging", "marts"])
    assert merging.needs == {"internal", "external"}


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
        run_with_model=frozenset(),
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
