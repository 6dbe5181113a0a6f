"""Stores that were left out of a fit are assigned as a refit with them would."""

from pathlib import Path

import pytest

from benchmarks.left_out import calibration_error, measure_left_out
from clustering.store.runs import PublishedRun, current_run


def check(run: PublishedRun, *, at_least: float) -> None:
    measured = measure_left_out(run)
    assert measured["is_same"].mean() >= at_least
    assert calibration_error(measured["probability"], measured["is_same"]) < 0.05


@pytest.mark.long
def test_stores_left_out_of_the_sample_get_the_cluster_of_a_refit(sample_data: Path):
    check(current_run(sample_data / "published"), at_least=0.95)


@pytest.mark.long
def test_stores_left_out_of_iowa_get_the_internal_cluster_of_a_refit(
    iowa_published: Path,
):
    check(current_run(iowa_published), at_least=0.9)
