"""Sizes of the final clusters, as a user sets them."""

from pathlib import Path

import duckdb

from tests.conftest import FEW, run_clustering


def test_no_cluster_is_above_the_maximum_or_below_the_minimum(
    small_folder: Path, tmp_path: Path
) -> None:
    result = run_clustering(
        *("run", "--raw", small_folder, *FEW),
        *("--param", "rebalance_mode=cluster"),
        *("--param", "min_cluster_size=4"),
        *("--param", "max_cluster_size=8"),
        *("--param", "max_clusters=2"),
        data=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    stores = duckdb.sql(f"from '{tmp_path}/published/store_clusters.parquet'").df()
    sizes = stores.value_counts(["category", "cluster_id"])
    assert sizes.sum() == 44 + 45
    assert sizes.between(4, 8).all()
    stayed = stores[stores["assignment_method"] == "fitted"]
    parts = stayed.groupby(["category", "merged_cluster"])["cluster_id"].nunique()
    assert parts.max() > 1, "nothing was split"
