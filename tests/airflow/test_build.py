"""From dbt's events to one outcome per model."""

from types import SimpleNamespace

import pytest

from clustering.airflow.build import Progress

STORES, SALES = "model.s.stores", "model.s.sales"
UNIQUE, POSITIVE = "test.s.unique.1", "test.s.positive.2"


@pytest.fixture
def said() -> dict[str, str | None]:
    return {}


@pytest.fixture
def progress(said: dict[str, str | None]) -> Progress:
    return Progress({STORES: [UNIQUE], SALES: [POSITIVE]}, say=said.__setitem__)


def finished(node: str, status: str, message: str = "") -> SimpleNamespace:
    """Return an event with what dbt's NodeFinished has."""
    kind, _, name = node.split(".")[:3]
    return SimpleNamespace(
        info=SimpleNamespace(name="NodeFinished"),
        data=SimpleNamespace(
            node_info=SimpleNamespace(
                unique_id=node, node_name=name, resource_type=kind, node_status=status
            ),
            run_result=SimpleNamespace(message=message),
        ),
    )


def test_model_is_well_once_its_last_test_passed(progress, said) -> None:
    progress.notice(finished(STORES, "success"))
    assert said == {}
    progress.notice(finished(UNIQUE, "pass"))
    assert said == {STORES: None}


def test_failed_test_is_named_with_its_message(progress, said) -> None:
    progress.notice(finished(STORES, "success"))
    progress.notice(finished(UNIQUE, "fail", "Got 2 results,\n  wanted 0"))
    assert said == {STORES: "test unique: Got 2 results, wanted 0"}


def test_first_of_several_faults_counts(progress, said) -> None:
    progress.notice(finished(SALES, "error", "no such column"))
    progress.notice(finished(POSITIVE, "skipped"))
    assert said == {SALES: "model sales: no such column"}


def test_what_dbt_skips_says_so(progress, said) -> None:
    progress.notice(finished(SALES, "skipped"))
    assert said == {SALES: "model sales did not run: something failed before it"}


def test_warning_passes_and_is_kept(progress, said) -> None:
    progress.notice(finished(STORES, "success"))
    progress.notice(finished(UNIQUE, "warn", "Got 1 result"))
    assert said == {STORES: None}
    assert progress.warnings == ["test unique: Got 1 result"]


def test_warning_of_a_test_that_ran_with_its_model_is_kept(progress, said) -> None:
    message = "unique: 1 row,\n  such as id 3"
    progress.notice(
        SimpleNamespace(
            info=SimpleNamespace(name="JinjaLogWarning"),
            data=SimpleNamespace(msg=message),
        )
    )
    assert said == {}
    assert progress.warnings == ["test unique: 1 row, such as id 3"]


def test_what_is_not_planned_is_passed_over(progress, said) -> None:
    progress.notice(finished("model.s.other", "error", "no matter"))
    progress.notice(SimpleNamespace(info=SimpleNamespace(name="MainReportVersion")))
    assert said == {}
