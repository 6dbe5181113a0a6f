"""Inputs as people have them, run and published: the clusters are those of clean files.

What stops before any model is in tests/core/test_input_kinds.py.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from tests.conftest import FEW, SHARED, publish_from

pytestmark = pytest.mark.long

CASES = SHARED / "cases" / "input"
# With the same sales and features as clean files: the same clusters.
SAME = (
    *("16b_footer_total", "23b_zero_width", "23c_nfd_cat", "28a_gz", "28b_upper_ext"),
    *("28c_xlsx", "28f_ipynb_checkpoints", "28g_spark_temporary"),
    *("29_csv_pandas_index", "29c_numeric_ids", "30j_zip", "58f_2024_folders"),
    *("61_spark_dir_parquet", "75_one_file_with_zip_sep"),
)
# With others: so many rows and so much sales are used.
OTHERS = {
    "24c_stores_not_in_attrs": (5341, "97196.24"),
    "25g_hive_store_plain_number": (5341, "97196.24"),
    "39a_returns_full_4pct": (None, "93237.69"),
    "56c_category_attrs_no_external": (5341, "97196.24"),
}

# A name that has no accent could not be written in two ways.
CLUSTERS = """
    select
        store_id,
        replace(category, 'CAFÉ', 'COFFEE') as category,
        cluster_id,
        cluster_name,
        internal_cluster,
        external_cluster
    from store_clusters
    order by all
"""
USED = """
    select sum(rows_used), sum(sales_used)::decimal(18, 2)::varchar
    from input_reconciliation
    where source_table = 'internal_sales'
"""


class Published(NamedTuple):
    """What was published of an input."""

    clusters: list[tuple]
    used: tuple[int, str]
    stores: int


def publish_case(case: str, folder: Path) -> Published:
    """Run the pipeline on a case, as a user does."""
    raw = folder / "raw"
    if case == "base":
        shutil.copytree(CASES / case, raw)
    else:
        lay = [sys.executable, CASES.parent / "lay.py", CASES / case, raw]
        subprocess.run(lay, check=True)
    published = publish_from(raw, *FEW, data=folder)
    with duckdb.connect(published / "store_clustering.duckdb", read_only=True) as marts:
        clusters = marts.sql(CLUSTERS).fetchall()
        [used] = marts.sql(USED).fetchall()
    return Published(clusters, used, len({store for store, *_ in clusters}))


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Published:
    """Publish the clean files."""
    if not CASES.exists():
        pytest.skip("needs ../shared")
    return publish_case("base", tmp_path_factory.mktemp("base"))


@pytest.mark.parametrize("case", SAME)
def test_trouble_that_changes_nothing_gives_the_same_clusters(base, case, tmp_path):
    found = publish_case(case, tmp_path)
    assert found == base


@pytest.mark.parametrize("case", OTHERS)
def test_other_sales_or_features_are_used_to_the_cent(base, case, tmp_path):
    rows, sales = OTHERS[case]
    found = publish_case(case, tmp_path)
    assert found.stores == base.stores
    assert found.used == (rows or found.used[0], sales)
