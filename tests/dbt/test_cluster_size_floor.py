"""The macro and ml have one and the same size floor."""

import duckdb
import pytest
from jinja2 import Environment

from clustering.core.paths import DBT_PROJECT
from ml.settings import FinalSizes
from ml.sizes import cluster_size_floor

SHARES = [0, 1, 1e-05, 0.03, 0.07, 0.1, 0.29, 0.5, 0.0123456789, 1 / 3]


def floor_in_sql(**settings: float) -> str:
    """Return what the macro makes of a column `stores`."""
    macro = (DBT_PROJECT / "macros" / "cluster_size_floor.sql").read_text()
    template = Environment(autoescape=True).from_string(macro)
    module = template.make_module({"var": settings.__getitem__})
    return module.cluster_size_floor("stores")


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("most", [0, 0.07, 0.1, 1])
def test_sql_and_python_agree_for_every_number_of_stores(
    share: float, most: float
) -> None:
    settings = {
        "min_cluster_size": 10,
        "min_cluster_share": share,
        "max_size_floor_share": most,
    }
    in_sql = duckdb.sql(
        f"select stores, {floor_in_sql(**settings)} from range(1, 10001) r(stores)"
    ).fetchall()
    assert len(in_sql) == 10_000
    sizes = FinalSizes.model_construct(**settings)  # shares above 0.5, too
    assert in_sql == [
        (stores, cluster_size_floor(stores, sizes)) for stores, _ in in_sql
    ]
