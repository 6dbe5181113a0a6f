"""Recommendation rules: a seed, and one clear line for an invalid rule."""

from pathlib import Path

import duckdb
import pytest

from clustering.core.paths import DBT_PROJECT, Paths
from tests.conftest import copy_data
from tests.dbt.conftest import AS_IN_A_BUILD, copy_project, run_dbt

SEED = DBT_PROJECT / "seeds" / "recommendation_rules.csv"
RULE = "more,{area},1,{measure},,{comparison},100,,1,{text}\n"
GOOD = {
    "area": "space",
    "measure": "sales_index",
    "comparison": "at_least",
    "text": "More: {here}.",
}


def write_rule(project: Path, **values: str) -> None:
    header = SEED.read_text().splitlines()[0]
    rule = RULE.format(**GOOD | values)
    (project / "seeds" / "recommendation_rules.csv").write_text(f"{header}\n{rule}")


def build_rules(project: Path):
    nodes = ("recommendation_rules", "cluster_recommendations")
    return run_dbt(project, "build", "--select", *nodes, *AS_IN_A_BUILD)


@pytest.fixture(scope="module")
def project(
    small_folder: Path, small_data: Paths, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Copy a project that was built with the rules that it comes with."""
    project = copy_project(small_folder, tmp_path_factory.mktemp("recommendations"))
    copy_data(small_data.data, project.parent / "data")
    return project


def read(project: Path, sql: str) -> list[tuple]:
    warehouse = project.parent / "data" / "warehouse" / "store_clustering.duckdb"
    with duckdb.connect(warehouse, read_only=True) as connection:
        return connection.sql(sql).fetchall()


def test_every_placeholder_of_the_rules_is_filled_in(project: Path) -> None:
    rows = read(project, "select recommendation from marts.cluster_recommendations")
    assert rows
    assert not [text for (text,) in rows if "{" in text or "unknown" in text]


def test_a_rule_of_ones_own_takes_the_place_of_the_others(project: Path) -> None:
    write_rule(project)
    result = build_rules(project)
    assert result.returncode == 0, result.stdout
    told = read(
        project,
        "select category, cluster_id from marts.cluster_recommendations"
        " where rule = 'more' order by all",
    )
    above_average = read(
        project,
        "select category, cluster_id from marts.cluster_summary"
        " where sales_share >= store_share order by all",
    )
    assert told == above_average
