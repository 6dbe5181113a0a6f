"""Prometheus text: every line is in its format, and has the figure of the marts."""

import re

import pytest

from clustering.core.paths import Paths
from clustering.queries.metrics import HELP, PREFIX, read_metrics
from clustering.store.runs import live_version
from tests.conftest import copy_data, run_clustering

LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)+)\})? (\S+)')


def parse(text: str) -> dict[tuple[str, str], float]:
    """Return the values by name and labels; a line that is no sample fails."""
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    found = [LINE.fullmatch(line) for line in lines]
    return {(one[1].removeprefix(PREFIX), one[2] or ""): float(one[3]) for one in found}


@pytest.fixture(scope="module")
def metrics(small_data: Paths) -> dict[tuple[str, str], float]:
    return parse(read_metrics(small_data))


def test_the_figures_are_those_of_the_marts(small_data, metrics):
    live = live_version(small_data.published)
    for row in live.read("from cluster_quality").itertuples():
        about = f'category="{row.category}"'
        assert metrics["stores", about] == row.store_count
        assert metrics["clusters", about] == row.cluster_count
    for row in live.read("from input_reconciliation").itertuples():
        about = f'table="{row.source_table}",state="quarantined"'
        assert metrics["input_rows", about] == row.rows_quarantined


def test_the_state_is_that_of_the_folder(metrics):
    assert metrics["build_passed", ""] == 1
    assert metrics["live_version", ""] == 1
    assert metrics["damaged_files", ""] == 0
    assert {name for name, _ in metrics} <= HELP.keys()


def test_a_damaged_file_counts(small_data, tmp_path):
    paths = Paths(copy_data(small_data.data, tmp_path))
    (live_version(paths.published).folder / "run.parquet").unlink()
    assert parse(read_metrics(paths))["damaged_files", ""] == 1


def test_where_nothing_is_built_there_is_no_live_version(tmp_path):
    result = run_clustering("status", "--format", "prometheus", data=tmp_path)
    assert result.returncode == 0, result.stderr
    assert parse(result.stdout) == {
        ("live_version", ""): 0,
        ("versions_waiting", ""): 0,
    }
