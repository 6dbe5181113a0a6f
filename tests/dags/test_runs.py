"""Runs of the DAGs under a real scheduler, on real input."""

import json
import urllib.error
from pathlib import Path

import pytest

from clustering.core.paths import Paths
from clustering.store.registry import Registry
from tests.dags.client import Airflow, wait_for

DAG = "store_clustering"
SIDES = (f"{DAG}_internal", f"{DAG}_external")
MERGING = f"{DAG}_merging"


def test_sides_at_once_take_turns_and_lead_to_merging(sample: Airflow) -> None:
    """On their own, on stages that a whole run before has built."""
    known = len(sample.runs(MERGING))
    started = {side: sample.trigger(side) for side in SIDES}
    for side, run in started.items():
        assert sample.wait(side, run) == "success", sample.states(side, run)

    def merging() -> list[str]:
        return [run["dag_run_id"] for run in sample.runs(MERGING)[known:]]

    def have_led_to_merging() -> bool:
        return set(SIDES) == {
            side for run in merging() for side in sample.triggered_by(MERGING, run)
        }

    wait_for(have_led_to_merging, what="merging after both sides", seconds=1800)
    for run in merging():
        assert sample.wait(MERGING, run) == "success", sample.states(MERGING, run)


def test_bad_input_stops_the_run_before_the_build(
    sample: Airflow, small_folder: Path
) -> None:
    """Once it is corrected, the run builds the part selected, and publishes nothing."""
    (sample.data / "raw" / "need_state.parquet").unlink()
    run = sample.trigger(DAG, selector="internal_clustering")
    assert sample.wait(DAG, run) == "failed"
    states = sample.states(DAG, run)
    assert states.pop("validate") == "failed"
    assert set(states.values()) == {"upstream_failed"}
    assert "no file need_state.parquet" in sample.log(DAG, run, "validate")

    sample.put_input(small_folder)
    sample.clear_failed(DAG, run)
    assert sample.wait(DAG, run) == "success"
    states = sample.states(DAG, run)
    assert states["internal.internal_clusters"] == "success"
    assert states["marts.store_clusters"] == "skipped"
    assert states["publish"] == "skipped"


def test_two_runs_at_once_take_turns(sample: Airflow) -> None:
    first = sample.trigger(DAG, selector="external_clustering")
    template = "{{ env_var('PATH') }} {{ conf }}"
    second = sample.trigger(DAG, selector="internal_preprocessing", tags=[template])
    assert sample.wait(DAG, first) == sample.wait(DAG, second) == "success"
    tags = "select tags from builds where run = :run"
    registry = Registry(Paths(sample.data).registry)
    assert [json.loads(said) for (said,) in registry.read(tags, {"run": second})] == [
        [template]
    ]


@pytest.mark.parametrize(
    "conf",
    [
        {"environment": "production"},
        {"selector": "everything"},
        {"min_clusters": 1},
        {"min_clusters": "two"},
        {"min_clusters": "{{ env_var('PROD_POSTGRES_DSN') }}"},
        {"tags": "spring"},
    ],
)
def test_form_refuses_what_cannot_be(sample: Airflow, conf: dict) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        sample.trigger(DAG, **conf)
