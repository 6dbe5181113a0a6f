"""Killed and duplicate runs leave a warehouse that can be built in."""

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from clustering.airflow.local import start
from tests.dags.client import Airflow, wait_for
from tests.dags.conftest import Marts, published_marts

DAG = "store_clustering"


def builder_of(warehouse: Path) -> int | None:
    """Return the id of the process that has the warehouse open, if there is one."""
    for folder in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if folder.readlink() == warehouse:
                return int(folder.parts[2])
        except OSError:
            continue  # it has ended, or closed the file
    return None


def wait_for_builder(airflow: Airflow, run: str) -> int:
    """Return the process that builds, in the middle of it."""
    airflow.wait_for_task(DAG, run, "internal.internal_prepared", "success")
    warehouse = airflow.data / "warehouse" / "store_clustering.duckdb"
    return wait_for(lambda: builder_of(warehouse), what="a builder", seconds=300)


def check_that_the_next_run_is_right(airflow: Airflow, plain_marts: Marts) -> None:
    """Run once more: as if nothing had happened."""
    shutil.rmtree(airflow.published, ignore_errors=True)
    run = airflow.trigger(DAG)
    assert airflow.wait(DAG, run) == "success", airflow.states(DAG, run)
    assert published_marts(airflow) == plain_marts


def test_killed_worker_is_tried_again(sample: Airflow, plain_marts: Marts) -> None:
    run = sample.trigger(DAG)
    os.kill(wait_for_builder(sample, run), signal.SIGKILL)
    assert sample.wait(DAG, run) == "success", sample.states(DAG, run)
    assert " models" in sample.log(DAG, run, "build", attempt=2)
    assert published_marts(sample) == plain_marts


@pytest.mark.long
def test_killed_scheduler_leaves_a_run_that_ends(
    sample: Airflow, plain_marts: Marts
) -> None:
    run = sample.trigger(DAG)
    wait_for_builder(sample, run)
    scheduler = sample.parts["scheduler"]
    scheduler.kill()
    scheduler.wait()
    sample.parts["scheduler"] = start("scheduler", sample.variables)
    assert sample.wait(DAG, run) in {"success", "failed"}
    with suppress(ProcessLookupError):  # its workers, which are idle by now
        os.killpg(scheduler.pid, signal.SIGKILL)
    check_that_the_next_run_is_right(sample, plain_marts)
