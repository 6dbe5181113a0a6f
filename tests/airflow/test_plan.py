"""What one build is to do."""

import pytest

from clustering.airflow.plan import (
    EXTERNAL_END,
    INTERNAL_END,
    STAGES,
    Manifest,
    Plan,
    stage_of,
)

SALES, MARKET = "model.s.sales", "model.s.market"
MERGED, MART = "model.s.merged", "model.s.mart"


@pytest.fixture
def manifest() -> Manifest:
    """Sales -> internal, market -> external, both -> merged -> mart; four tests."""
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
    }
    return Manifest(
        parents={node: frozenset(read) for node, read in parents.items()},
        tests={test: frozenset(read) for test, read in tests.items()},
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
    assert plan.whole_stages == plan.stages == set(STAGES)


def test_test_of_several_models_belongs_to_the_one_built_last(
    manifest: Manifest,
) -> None:
    tests_of = Plan.of_stages(manifest, STAGES).tests_of
    assert names(tests_of[MART]) == {"mart_has_all_sales"}
    assert names(tests_of[SALES]) == {"sales_are_positive"}
    assert sum(map(len, tests_of.values())) == len(manifest.tests)


def test_stage_leaves_tests_that_read_what_others_build(manifest: Manifest) -> None:
    plan = Plan.of_stages(manifest, ["external"])
    assert names(plan.models) == {"market", "external_clusters"}
    assert plan.tests == frozenset()
    plan = Plan.of_stages(manifest, ["merging", "marts"])
    assert names(plan.tests) == {"merged_is_unique", "mart_has_all_sales"}


def test_selection_is_exact(manifest: Manifest) -> None:
    plan = Plan.of_stages(manifest, ["internal"])
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
    assert plan.whole_stages == {"external", "merging", "marts"}


def test_selection_of_dbt_may_have_part_of_a_stage(manifest: Manifest) -> None:
    plan = Plan.of_nodes(manifest, [SALES, "test.s.sales_are_positive.1", "source.x"])
    assert (plan.models, len(plan.tests)) == (frozenset([SALES]), 1)
    assert plan.stages == {"internal"}
    assert plan.whole_stages == set()


def test_what_is_read_but_not_built_is_needed(manifest: Manifest) -> None:
    assert Plan.of_stages(manifest, STAGES).needs == set()
    merging = Plan.of_stages(manifest, ["merging", "marts"])
    assert merging.needs == {"internal", "external"}
