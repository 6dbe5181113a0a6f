"""Invalid corrections: one clear line, before any model."""

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from clustering.core.clock import today
from tests.dbt.conftest import copy_project, run_dbt
from tests.dbt.corrections import HEADERS, write_corrections

WHY = "agreed,Kim,"


@pytest.fixture(scope="module")
def project(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(small_folder, tmp_path_factory.mktemp("corrections"))


def test_the_seeds_are_shipped_with_a_header_only(project: Path) -> None:
    for seed, header in HEADERS.items():
        assert (project / "seeds" / f"{seed}.csv").read_text() == header + "\n"


def test_the_first_of_them_stops_the_build_with_one_clear_line(project: Path) -> None:
    write_corrections(
        project,
        excluded_stores=[f"0042,COFFEE,{WHY}"],
        store_corrections=["0042,COFFEE,lock,,agreed,Kim,soon", "0043,TEA,,,,,"],
    )
    result = run_dbt(project, "build")
    assert result.returncode == 2
    assert (
        "Input error: seeds/store_corrections.csv: line 2: expires_on 'soon' is no"
        " date; write it like 2027-01-31, or leave it empty: it holds until it is"
        " removed"
    ) in result.stdout


def test_a_seed_of_before_says_which_column_it_lacks(project: Path) -> None:
    write_corrections(project)
    (project / "seeds" / "excluded_stores.csv").write_text("store_id,category,note\n")
    result = run_dbt(project, "build")
    assert result.returncode == 2
    assert (
        "Input error: seeds/excluded_stores.csv: column reason is missing, found"
        " store_id, category, note; the header is store_id,category,reason,author,"
        "expires_on" in result.stdout
    )


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_day_ends_in_utc_whatever_the_zone_of_the_machine(
    project: Path, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, it is tomorrow already, or yesterday still, for most of a day."""
    days = [today() + timedelta(days=shift) for shift in (-2, -1, 0, 1)]
    rows = [f"{n},A,lock,,agreed,Kim,{day}" for n, day in enumerate(days)]
    write_corrections(project, store_corrections=rows)
    monkeypatch.setenv("TZ", zone)
    built = run_dbt(
        project, "build", "--exclude-resource-type", "test",
        "--select", *HEADERS, "int_corrections",
    )  # fmt: skip
    assert built.returncode == 0, built.stdout
    warehouse = project.parent / "data" / "warehouse" / "store_clustering.duckdb"
    with duckdb.connect(warehouse, read_only=True) as connection:
        found = connection.sql(
            "select is_expired from intermediate.int_corrections order by store_id"
        ).fetchall()
    assert found == [(True,), (True,), (False,), (False,)]
