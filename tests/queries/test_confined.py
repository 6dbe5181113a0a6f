"""Statements that may reach nothing but one file, and their limits."""

import duckdb
import pytest

from clustering.core.errors import ArgumentError
from clustering.queries.confined import run_confined

# So long that no machine is too slow: what ends a statement here is its memory.
PATIENT = 300


@pytest.fixture
def database(tmp_path):
    file = tmp_path / "run.duckdb"
    with duckdb.connect(file) as connection:
        connection.execute("create table stores as select range as store from range(9)")
    return file


def test_rows_are_answered_up_to_a_number(database):
    said = run_confined(database, "from stores order by 1", rows=2, seconds=PATIENT)
    assert said == [{"store": 0}, {"store": 1}]


@pytest.mark.parametrize(
    "statement",
    [
        "select repeat('x', 2000000000)",
        "select repeat('x', 300000000)",
        "select list(x) from range(300000000) as a (x)",
        "select string_agg(repeat('x', 1000), '') from range(3000000)",
        "select range(100000000)",
    ],
)
def test_what_needs_too_much_memory_is_refused_in_the_same_words(database, statement):
    with pytest.raises(ArgumentError, match="it needs too much memory; select fewer"):
        run_confined(database, statement, rows=200, seconds=PATIENT)


def test_what_takes_too_long_is_ended(database):
    statement = "select count(*) from range(1000000000000) as a (x), range(9) as b (y)"
    with pytest.raises(ArgumentError, match="it took longer than 1 s; select fewer"):
        run_confined(database, statement, rows=200, seconds=1)
