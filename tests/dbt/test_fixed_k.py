"""Fixed k: a person's number of clusters wins, and the recommended one is kept."""

from pathlib import Path

import duckdb
import pytest

from tests.dbt.conftest import copy_project, run_dbt


def fix_k(project: Path, rows: str) -> None:
    path = project / "seeds" / "fixed_k.csv"
    path.write_text("category,side,k,reason,author,expires_on\n" + rows)


@pytest.fixture
def project(small_folder: Path, tmp_path: Path) -> Path:
    return copy_project(small_folder, tmp_path)


def test_a_fixed_k_wins_and_is_shown_beside_the_recommended_one(project: Path) -> None:
    fix_k(
        project, "COFFEE,internal,2,two teams,Kim,\nCOFFEE,external,12,asked for,Kim,\n"
    )
    result = run_dbt(project, "build", "--exclude", "test_type:unit")
    assert result.returncode == 0, result.stdout
    warehouse = project.parent / "data" / "warehouse" / "store_clustering.duckdb"
    with duckdb.connect(warehouse, read_only=True) as connection:
        chosen = connection.sql(
            "select side, k, is_recommended, reason from marts.k_selection"
            " where category = 'COFFEE' and is_chosen order by side desc"
        ).fetchall()
        recommended = connection.sql(
            "select side, reason from marts.k_selection where category = 'COFFEE'"
            " and is_recommended order by side desc"
        ).fetchall()
        (clusters,) = connection.sql(
            "select count(distinct internal_cluster) from marts.store_clusters"
            " where category = 'COFFEE'"
        ).fetchone()
    assert chosen == [
        ("internal", 2, False, "fixed by a user"),
        ("external", 12, False, "fixed by a user"),
    ]
    assert recommended == [
        ("internal", "recommended, but another k is fixed"),
        ("external", "recommended, but another k is fixed"),
    ]
    assert clusters == 2


def test_a_person_fixes_the_number_of_final_clusters(project: Path) -> None:
    fix_k(project, "COFFEE,final,2,one truck each,Kim,\n")
    result = run_dbt(project, "build", "--exclude", "test_type:unit")
    assert result.returncode == 0, result.stdout
    warehouse = project.parent / "data" / "warehouse" / "store_clustering.duckdb"
    with duckdb.connect(warehouse, read_only=True) as connection:
        (clusters,) = connection.sql(
            "select count(distinct cluster_id) from marts.store_clusters"
            " where category = 'COFFEE'"
        ).fetchone()
        chosen = connection.sql(
            "select clusters, reason_code from marts.final_cluster_candidates"
            " where category = 'COFFEE' and is_chosen"
        ).fetchall()
        outcomes = connection.sql(
            "select state, side from marts.corrections"
        ).fetchall()
    assert clusters == 2
    assert chosen == [(2, "fixed")]
    assert outcomes[0][1] == "final"
    assert outcomes[0][0] in {"applied", "no effect needed"}
