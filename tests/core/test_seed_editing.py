"""Rows that people add to the seeds of corrections, and take out again."""

import shutil
from pathlib import Path

import pytest

from clustering.core.errors import ArgumentError, InputError
from clustering.core.paths import DBT_PROJECT
from clustering.core.seeds import check_seeds
from clustering.core.seeds.editing import (
    add_rows,
    check_rows,
    read_corrections,
    remove_row,
    undo,
)
from tests.dbt.corrections import HEADERS

WHO = {"reason": "agreed", "author": "Kim", "expires_on": None}
MOVE = {"store_id": "0042", "category": "GIN", "action": "move", "cluster_id": "3"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy the project's seeds, with one correction."""
    seeds = tmp_path / "seeds"
    shutil.copytree(DBT_PROJECT / "seeds", seeds)
    header = HEADERS["store_corrections"]
    text = f'{header}\n0007,RUM,lock,,"old, and well known",Ann,2027-01-31\n'
    (seeds / "store_corrections.csv").write_text(text)
    return seeds


def lines(folder: Path, seed: str = "store_corrections") -> list[str]:
    return (folder / f"{seed}.csv").read_text().splitlines()[1:]


def test_a_row_is_added_after_those_that_are_there(folder):
    add_rows("store_corrections", [MOVE | WHO], folder=folder)
    assert lines(folder) == [
        '0007,RUM,lock,,"old, and well known",Ann,2027-01-31',
        "0042,GIN,move,3,agreed,Kim,",
    ]
    check_seeds(folder.parent)


def test_the_last_word_counts(folder):
    add_rows("store_corrections", [MOVE | WHO], folder=folder)
    add_rows("store_corrections", [MOVE | WHO | {"cluster_id": "5"}], folder=folder)
    assert lines(folder)[1:] == ["0042,GIN,move,5,agreed,Kim,"]


@pytest.mark.parametrize(
    ("seed", "row", "says"),
    [
        ("store_corrections", MOVE, "line 3: author is missing"),
        ("store_corrections", MOVE | WHO | {"cluster_id": "x"}, "'x' is no number"),
        ("store_corrections", MOVE | WHO | {"expires_on": "soon"}, "'soon' is no date"),
        (
            "cluster_corrections",
            {"category": "GIN", "cluster_id": "2", "action": "merge", "value": "2"}
            | WHO,
            "is merged into itself",
        ),
    ],
)
def test_an_invalid_row_is_named_and_nothing_is_written(folder, seed, row, says):
    before = lines(folder, seed)
    with pytest.raises(InputError, match=says):
        add_rows(seed, [row], folder=folder)
    assert lines(folder, seed) == before


def test_rows_are_checked_without_being_written(folder):
    before = lines(folder)
    check_rows("store_corrections", [MOVE | WHO], folder=folder)
    with pytest.raises(InputError, match="author is missing"):
        check_rows("store_corrections", [MOVE], folder=folder)
    assert lines(folder) == before


def test_a_column_that_the_seed_has_not_is_named(folder):
    with pytest.raises(ArgumentError, match="got column colour, expected: store_id"):
        add_rows("store_corrections", [MOVE | WHO | {"colour": "red"}], folder=folder)


def test_an_edit_is_undone_to_the_last_byte(folder):
    before = (folder / "store_corrections.csv").read_bytes()
    edit = add_rows("store_corrections", [MOVE | WHO], folder=folder)
    undo(edit)
    assert (folder / "store_corrections.csv").read_bytes() == before


def test_what_somebody_changed_since_is_not_undone(folder):
    edit = add_rows("store_corrections", [MOVE | WHO], folder=folder)
    add_rows("store_corrections", [MOVE | WHO | {"store_id": "0043"}], folder=folder)
    with pytest.raises(ArgumentError, match="was changed since"):
        undo(edit)
    assert len(lines(folder)) == 3


def test_a_row_is_removed_by_its_line(folder):
    add_rows("store_corrections", [MOVE | WHO], folder=folder)
    [_, added] = read_corrections(folder)
    remove_row("store_corrections", added.line, folder=folder)
    assert len(lines(folder)) == 1
    with pytest.raises(ArgumentError, match="has no line 3"):
        remove_row("store_corrections", 3, folder=folder)
