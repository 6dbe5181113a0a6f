"""Split rules: a seed that keeps stores of different values in different clusters."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.dbt.conftest import AS_IN_A_BUILD, copy_project, run_dbt

# The category's own rule goes before the one of every category.
RULES = "*,URBANICITY,deliveries differ\nCOFFEE,STORE_FORMAT,\n"
RULE_OF = {"COFFEE": "STORE_FORMAT", "SHAMPOO": "URBANICITY"}
FLOOR = 5


def write_rules(project: Path, rules: str) -> None:
    text = "category,feature,reason\n" + rules
    (project / "seeds" / "split_rules.csv").write_text(text)


@pytest.fixture(scope="module")
def project(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build and test a project with rules."""
    project = copy_project(small_folder, tmp_path_factory.mktemp("rules"))
    write_rules(project, RULES)
    settings = f"{{min_cluster_size: {FLOOR}, min_cluster_share: 0}}"
    selected = ("--select", "+store_clusters", *AS_IN_A_BUILD)
    result = run_dbt(project, "build", "--vars", settings, *selected)
    assert result.returncode == 0, result.stdout
    return project


@pytest.fixture(scope="module")
def stores(project: Path) -> pd.DataFrame:
    """Return every store and category, with its clusters and its value."""
    warehouse = project.parent / "data" / "warehouse" / "store_clustering.duckdb"
    attributes = project.parent / "data" / "raw" / "store_attributes.parquet"
    with duckdb.connect(warehouse, read_only=True) as connection:
        clusters = connection.sql(
            "select * from marts.store_clusters"
            f" left join '{attributes}' on STORE_NBR = store_id"
        ).df()
    value = clusters["STORE_FORMAT"].where(
        clusters["category"] == "COFFEE", clusters["URBANICITY"]
    )
    return clusters.assign(value=value.fillna("unknown"))


def test_a_merged_cluster_ends_in_the_value_of_the_store(stores: pd.DataFrame) -> None:
    sides = stores[["internal_cluster", "external_cluster"]].astype(str)
    wanted = sides.agg("-".join, axis=1) + "-" + stores["value"]
    assert stores["merged_cluster"].tolist() == wanted.tolist()


@pytest.mark.parametrize("category", RULE_OF)
def test_values_with_enough_stores_have_clusters_of_their_own(
    stores: pd.DataFrame, category: str
) -> None:
    rows = stores[stores["category"] == category]
    count = rows["value"].value_counts()
    enough = rows[rows["value"].isin(count.index[count >= FLOOR])]
    values = enough.groupby("cluster_id")["value"].nunique()
    assert len(set(enough["value"])) > 1
    assert values.eq(1).all(), values


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("TEA,URBANICITY,", "category 'TEA' is unknown, expected one of: *, COFFEE,"),
        ("COFFEE,REGION,", "feature 'REGION' is unknown, expected one of: "),
        ("COFFEE,*,", "feature '*' is unknown, expected one of: "),
    ],
)
def test_a_rule_that_names_what_there_is_not_is_one_clear_line(
    project: Path, rule: str, says: str
) -> None:
    write_rules(project, rule)
    nodes = ("--select", "split_rules", "store_split_values")
    result = run_dbt(project, "build", *nodes, *AS_IN_A_BUILD)
    assert result.returncode == 1
    assert f"Input error: seeds/split_rules.csv: {says}" in result.stdout


def test_two_rules_for_one_category_stop_the_build(project: Path) -> None:
    write_rules(project, "COFFEE,URBANICITY,\nCOFFEE,STORE_FORMAT,\n")
    result = run_dbt(project, "build", "--select", "split_rules", "store_split_values")
    assert result.returncode == 1
    assert "Failure in test unique_split_rules_category" in result.stdout
    assert "SKIP relation features.store_split_values" in result.stdout
