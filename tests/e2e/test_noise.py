"""If there is nothing to find, no clusters are claimed."""

from pathlib import Path

import duckdb
import pytest


@pytest.fixture
def published(noise_data: Path) -> Path:
    """Return the marts of stores that differ by chance alone."""
    return noise_data / "published"


def test_noise_is_one_cluster_or_two_and_said_to_be_unstable(published: Path) -> None:
    rows = duckdb.sql(
        f"select cluster_count, verdict from '{published}/cluster_quality.parquet'"
    ).fetchall()
    assert len(rows) == 2
    for clusters, verdict in rows:
        assert clusters <= 2
        assert "unstable" in verdict


def test_every_candidate_says_why_it_is_no_good(published: Path) -> None:
    reasons = duckdb.sql(
        f"select distinct reason from '{published}/k_selection.parquet'"
        " where not is_chosen"
    ).fetchall()
    assert {reason for (reason,) in reasons} <= {
        "its clusters are not reproduced when stores are resampled",
        "its clusters are no clearer than those of data without any",
    }
