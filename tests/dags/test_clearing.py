"""A second attempt builds what is missing, and mixes in nothing from another input."""

import os
import signal
from pathlib import Path

import pytest

from tests.dags.client import Airflow
from tests.dags.conftest import Marts, published_marts
from tests.dags.test_failures import plant_bad_row
from tests.dags.test_kills import wait_for_builder
from tests.dags.test_runs import DAG


@pytest.mark.long
def test_attempt_killed_after_the_input_was_corrected_mixes_nothing(
    sample: Airflow, plain_marts: Marts, small_folder: Path, tmp_path: Path
) -> None:
    """First attempt on bad input, the second killed, the third by itself."""
    plant_bad_row(small_folder, tmp_path / "raw")
    sample.put_input(tmp_path / "raw")
    run = sample.trigger(DAG)
    assert sample.wait(DAG, run) == "failed"

    sample.put_input(small_folder)
    sample.clear_failed(DAG, run)
    os.kill(wait_for_builder(sample, run), signal.SIGKILL)

    assert sample.wait(DAG, run) == "success", sample.states(DAG, run)
    assert published_marts(sample) == plain_marts
