"""Corrections that cannot be meant: one clear line, before any model of the method."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.dbt.conftest import copy_project, run_dbt
from tests.dbt.corrections import HEADERS, write_corrections

SEEDS = [*HEADERS, "stg_corrections"]
WHY = "agreed,Kim,"
YESTERDAY = date.today() - timedelta(days=1)
PROBLEMS = "select * from ({{ correction_problems(ref('stg_corrections')) }})"

# Each row that is wrong, with what is said of it.
WRONG = {
    "store_corrections": [
        (f"1,A,mvoe,3,{WHY}", "action 'mvoe' is unknown, expected one of: lock, move"),
        ("2,A,lock,,,Kim,", "reason is missing"),
        (f"3,,lock,,{WHY}", "category is missing"),
        (f",A,lock,,{WHY}", "store_id is missing"),
        (f"5,A,move,,{WHY}", "cluster_id is missing"),
        (f"6,A,move,-1,{WHY}", "cluster_id '-1' is no number of a cluster"),
        (f"6,B,move,9999999999,{WHY}", "cluster_id '9999999999' is no number of a clu"),
        (f"7,A,move,3,{WHY}", None),
        (f"7,A,lock,,{WHY}", "it decides what line 9 decides (A, store 7)"),
        (f"7,B,lock,,{WHY}", None),
        (f"8,A,move,3,agreed,Kim,{YESTERDAY}", None),
        (f"8,A,lock,,{WHY}", None),
    ],
    "excluded_stores": [
        ('1,A,closed,"  ",', "author is missing"),
        (f"2,A,{WHY}", None),
        (f"2,A,{WHY}", "it decides what line 3 decides (A, store 2)"),
    ],
    "fixed_k": [
        ("A,internal,3,agreed,Kim,31/12/2027", "expires_on '31/12/2027' is no date"),
        (f"A,both,3,{WHY}", "side 'both' is unknown, expected one of: external, final"),
        (f"B,internal,2.5,{WHY}", "k '2.5' is no whole number from 1 up"),
        (f"C,internal,,{WHY}", "k is missing"),
        (f"D,internal,3,{WHY}", None),
        (f"D,internal,4,{WHY}", "it decides what line 6 decides (D, internal)"),
        (f"D,external,4,agreed,Kim,{date.max}", None),
    ],
    "cluster_corrections": [
        (f"A,3,,x,{WHY}", "action (empty) is unknown, expected one of: flagship, inac"),
        (f"A,big,flagship,,{WHY}", "cluster_id 'big' is no number of a cluster"),
        (f"A,3,name,,{WHY}", "value is missing: the name"),
        (f"A,4,merge,four,{WHY}", "value 'four' is no whole number from 1 up"),
        (f"A,5,inactive,yes,{WHY}", "value 'yes' means nothing to inactive"),
        (f"A,5,flagship,,{WHY}", "it decides what line 6 decides (A, cluster 5)"),
        (f"B,1,merge,1,{WHY}", "cluster 1 of B is merged into itself, or in a circle"),
        (f"B,2,merge,3,{WHY}", None),
        (f"B,2,merge,4,{WHY}", "it decides what line 9 decides (B, cluster 2)"),
        (f"C,4,merge,1,{WHY}", None),
        (f"C,1,merge,2,{WHY}", "cluster 1 of C is merged into itself, or in a circle"),
        (f"C,2,merge,1,{WHY}", "cluster 2 of C is merged into itself, or in a circle"),
        (f"D,1,merge,2,agreed,Kim,{YESTERDAY}", None),
        (f"D,2,merge,1,{WHY}", None),
        (f"D,3,name,City,{WHY}", None),
        (f"D,4,name,City,{WHY}", "name 'City' is that of line 16, too"),
        (f"E,4,name,City,{WHY}", None),
    ],
}


@pytest.fixture(scope="module")
def project(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(small_folder, tmp_path_factory.mktemp("corrections"))


def test_the_seeds_are_shipped_with_a_header_only(project: Path) -> None:
    for seed, header in HEADERS.items():
        assert (project / "seeds" / f"{seed}.csv").read_text() == header + "\n"


def test_every_row_that_is_wrong_is_told_and_no_other(project: Path) -> None:
    rows = {seed: [row for row, _ in wrong] for seed, wrong in WRONG.items()}
    write_corrections(project, **rows)
    arguments = ("--exclude-resource-type", "test", "--select", *SEEDS)
    built = run_dbt(project, "build", *arguments)
    assert built.returncode == 0, built.stdout
    shown = run_dbt(
        project,
        *("--quiet", "show", "--inline", PROBLEMS, "--output", "json"),
        *("--limit", "-1"),
    )
    assert shown.returncode == 0, shown.stdout
    found = {
        (row["seed"], row["seed_line"]): row["problem"]
        for row in json.loads(shown.stdout)["show"]
    }
    for seed, wrong in WRONG.items():
        for line, (row, says) in enumerate(wrong, start=2):
            problem = found.pop((seed, line), None)
            assert (problem or "").startswith(says or ""), (row, problem)
            assert (problem is None) == (says is None), (row, problem)
    assert not found


def test_the_first_of_them_stops_the_build_with_one_clear_line(project: Path) -> None:
    write_corrections(
        project,
        excluded_stores=[f"0042,COFFEE,{WHY}"],
        store_corrections=["0042,COFFEE,lock,,agreed,Kim,soon", "0043,TEA,,,,,"],
    )
    result = run_dbt(project, "build", "--select", *SEEDS, "+int_corrections")
    assert result.returncode == 1
    assert (
        "Input error: seeds/store_corrections.csv: line 2: expires_on 'soon' is no"
        " date; write it like 2027-01-31, or leave it empty: it holds until it is"
        " removed"
    ) in result.stdout


def test_a_seed_of_before_says_which_column_it_lacks(project: Path) -> None:
    write_corrections(project)
    (project / "seeds" / "excluded_stores.csv").write_text("store_id,category,note\n")
    result = run_dbt(project, "build", "--select", *SEEDS)
    assert result.returncode == 1
    assert (
        "Input error: seeds/excluded_stores.csv: column reason is missing, found"
        " store_id, category, note; the header is store_id,category,reason,author,"
        "expires_on" in result.stdout
    )
