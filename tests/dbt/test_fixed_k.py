"""Fixed k: a person's number of clusters wins, and the recommended one is kept."""

from pathlib import Path

import duckdb
import pytest

from tests.dbt.conftest import AS_IN_A_BUILD, copy_project, run_dbt

FIXED = """category,side,k,reason,author,expires_on
COFFEE,internal,2,two teams,Kim,
COFFEE,external,12,asked for,Kim,
SHAMPOO,final,2,one truck each,Kim,
"""
READ = ("k_selection", "store_clusters", "final_cluster_candidates", "corrections")


@pytest.fixture(scope="module")
def warehouse(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build what people fixed, in one category by sides and in the other at the end."""
    project = copy_project(small_folder, tmp_path_factory.mktemp("fixed"))
    (project / "seeds" / "fixed_k.csv").write_text(FIXED)
    result = run_dbt(
        project, "build", "--select", *(f"+{mart}" for mart in READ), *AS_IN_A_BUILD
    )
    assert result.returncode == 0, result.stdout
    return project.parent / "data" / "warehouse" / "store_clustering.duckdb"


def read(warehouse: Path, sql: str) -> list[tuple]:
    with duckdb.connect(warehouse, read_only=True) as connection:
        return connection.sql(sql).fetchall()


def test_a_fixed_k_wins_and_is_shown_beside_the_recommended_one(warehouse):
    coffee = "from marts.k_selection where category = 'COFFEE'"
    chosen = read(
        warehouse,
        f"select side, k, is_recommended, reason {coffee} and is_chosen"
        " order by side desc",
    )
    recommended = read(
        warehouse,
        f"select side, reason {coffee} and is_recommended order by side desc",
    )
    assert chosen == [
        ("internal", 2, False, "fixed by a user"),
        ("external", 12, False, "fixed by a user"),
    ]
    assert recommended == [
        ("internal", "recommended, but another k is fixed"),
        ("external", "recommended, but another k is fixed"),
    ]
    clusters = "select count(distinct internal_cluster) from marts.store_clusters"
    assert read(warehouse, f"{clusters} where category = 'COFFEE'") == [(2,)]


def test_a_person_fixes_the_number_of_final_clusters(warehouse):
    clusters = "select count(distinct cluster_id) from marts.store_clusters"
    assert read(warehouse, f"{clusters} where category = 'SHAMPOO'") == [(2,)]
    chosen = read(
        warehouse,
        "select clusters, reason_code from marts.final_cluster_candidates"
        " where category = 'SHAMPOO' and is_chosen",
    )
    assert chosen == [(2, "fixed")]
    [state] = read(
        warehouse, "select state from marts.corrections where side = 'final'"
    )
    assert state[0] in {"applied", "no effect needed"}
