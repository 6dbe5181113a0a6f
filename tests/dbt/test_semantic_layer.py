"""The semantic layer: what each metric says is what the marts have."""

import json
import math
from pathlib import Path

import duckdb
import pytest

from tests.dbt.conftest import run_dbt

# How the semantic layer aggregates an expression, in SQL.
AGGREGATES = {
    "count_distinct": "count(distinct {})",
    "sum": "sum({})",
    "sum_boolean": "sum(case when {} then 1 else 0 end)",
    "average": "avg({})",
}
BY_HAND = """
    select
        stores.category,
        stores.stores,
        stores.assignments,
        stores.outliers,
        stores.inferred,
        stores.silhouette,
        clusters.clusters,
        clusters.sales,
        stores.outliers / stores.assignments as outlier_share,
        stores.inferred / stores.assignments as inferred_share,
        clusters.sales / stores.stores as sales_per_store
    from (
        select
            category,
            count(*) as stores,
            count(*) as assignments,
            count(*) filter (where is_outlier) as outliers,
            count(*) filter (where assignment_method = 'inferred') as inferred,
            sum(silhouette) / count(silhouette) as silhouette
        from store_clusters
        group by category
    ) as stores
    inner join (
        select category, max(cluster_id) as clusters, sum(sales) as sales
        from cluster_summary
        group by category
    ) as clusters using (category)
"""


@pytest.fixture(scope="module")
def layer(copied_project: Path) -> dict:
    """Read what dbt hands to whoever answers questions by it."""
    result = run_dbt(copied_project, "parse")
    assert result.returncode == 0, result.stdout
    return json.loads((copied_project / "target/semantic_manifest.json").read_text())


def test_every_metric_is_what_the_marts_have(
    layer: dict, sample_published: Path
) -> None:
    with duckdb.connect(
        sample_published / "store_clustering.duckdb", read_only=True
    ) as d:
        wanted = d.execute(BY_HAND).df().set_index("category")
        assert set(wanted.columns) == {metric["name"] for metric in layer["metrics"]}
        for name in wanted:
            for category, value in wanted[name].items():
                found = evaluate(d, layer, name, category=category)
                assert found == pytest.approx(float(value), nan_ok=True), (
                    name,
                    category,
                )


def test_every_dimension_is_a_column_or_expression_of_its_mart(
    layer: dict, sample_published: Path
) -> None:
    with duckdb.connect(
        sample_published / "store_clustering.duckdb", read_only=True
    ) as d:
        for model in layer["semantic_models"]:
            for part in model["dimensions"] + model["entities"]:
                d.execute(
                    f"select {part['expr'] or part['name']} from {table_of(model)}"
                )
            [primary] = [e for e in model["entities"] if e["type"] == "primary"]
            [(rows, keys)] = d.execute(
                f"select count(*), count(distinct {primary['expr']})"
                f" from {table_of(model)}"
            ).fetchall()
            assert 0 < rows == keys


def test_clusters_of_stores_are_those_of_the_summary(
    layer: dict, sample_published: Path
) -> None:
    keys = [
        f"select distinct {entity['expr']} from {table_of(model)}"
        for model in layer["semantic_models"]
        for entity in model["entities"]
        if entity["name"] == "cluster"
    ]
    assert len(keys) == 2
    with duckdb.connect(
        sample_published / "store_clustering.duckdb", read_only=True
    ) as d:
        stores, clusters = ({*d.execute(sql).fetchall()} for sql in keys)
    assert stores == clusters


def evaluate(
    connection: duckdb.DuckDBPyConnection, layer: dict, name: str, *, category: str
) -> float:
    """Compute a metric for one category, by what the semantic layer says of it."""
    [metric] = [metric for metric in layer["metrics"] if metric["name"] == name]
    parameters = metric["type_params"]
    if metric["type"] == "ratio":
        parts = (parameters[part]["name"] for part in ("numerator", "denominator"))
        above, below = (
            evaluate(connection, layer, p, category=category) for p in parts
        )
        return above / below
    [(model, measure)] = [
        (model, measure)
        for model in layer["semantic_models"]
        for measure in model["measures"]
        if measure["name"] == parameters["measure"]["name"]
    ]
    formula = AGGREGATES[measure["agg"]].format(measure["expr"] or measure["name"])
    sql = f"select {formula} from {table_of(model)} where category = ?"
    [(value,)] = connection.execute(sql, [category]).fetchall()
    return math.nan if value is None else float(value)


def table_of(model: dict) -> str:
    return model["node_relation"]["alias"]
