"""What a second attempt builds: what is missing, and nothing from another input."""

import os
import re
import signal
from pathlib import Path

from tests.conftest import parquet_bytes
from tests.dags.client import Airflow
from tests.dags.conftest import Marts, published_marts
from tests.dags.test_kills import wait_for_builder
from tests.dags.test_runs import DAG, plant_bad_row


def test_attempt_killed_after_the_input_was_mended_mixes_nothing(
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


def test_run_cleared_as_a_whole_publishes_the_same_again(sample: Airflow) -> None:
    run = sample.trigger(DAG)
    assert sample.wait(DAG, run) == "success"
    before = parquet_bytes(sample.published)
    sample.clear(DAG, run)
    assert sample.wait(DAG, run) == "success"
    assert set(sample.states(DAG, run).values()) == {"success"}
    log = sample.log(DAG, run, "build", attempt=2)
    assert re.search(r"building 0 of \d\d models", log)
    assert parquet_bytes(sample.published) == before
