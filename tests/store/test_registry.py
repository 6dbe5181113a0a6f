"""The registry as a file: several writers, read-only folders, invalid files."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from clustering.core.errors import PipelineError
from clustering.store.builds import last_builds
from clustering.store.registry import FILE, VERSION, Registry
from clustering.store.versions import read_decisions
from tests.conftest import PROJECT

RECORDED = PROJECT / "tests" / "recorded"

INSERT = """
import sys
from pathlib import Path
from clustering.store.registry import Registry
registry = Registry(Path(sys.argv[1]))
for number in range(50):
    with registry.transaction() as connection:
        connection.execute(
            "insert into commands (process, started_at) values (?, '')", [number]
        )
"""


@pytest.fixture
def registry(tmp_path) -> Registry:
    return Registry(tmp_path / FILE)


def add(registry: Registry) -> None:
    with registry.transaction() as connection:
        connection.execute("insert into commands (process, started_at) values (1, '')")


def forget_and_fail(registry: Registry) -> None:
    with registry.transaction() as connection:
        connection.execute("delete from commands")
        raise ZeroDivisionError


def count(registry: Registry) -> int:
    [(number,)] = registry.read("select count(*) from commands")
    return number


def test_reading_makes_no_file_and_leaves_none_beside(registry):
    assert count(registry) == 0
    assert list(registry.file.parent.iterdir()) == []
    add(registry)
    assert count(registry) == 1
    assert list(registry.file.parent.iterdir()) == [registry.file]


def test_a_file_whose_tables_are_not_there_yet_is_read_as_none(registry):
    """Another process is just about to make them, or was killed then."""
    registry.file.touch()
    assert count(registry) == 0
    add(registry)
    assert count(registry) == 1


def test_a_transaction_that_fails_changes_nothing(registry):
    add(registry)
    with pytest.raises(ZeroDivisionError):
        forget_and_fail(registry)
    assert count(registry) == 1


def test_several_processes_write_at_once(registry):
    command = [sys.executable, "-c", INSERT, registry.file]
    writers = [subprocess.Popen(command) for _ in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert count(registry) == 150


def test_who_reads_sees_the_state_before_a_transaction_ends(registry):
    add(registry)
    with registry.transaction() as connection:
        connection.execute("delete from commands")
        assert count(registry) == 1
    assert count(registry) == 0


@contextmanager
def somebody_else() -> Iterator[None]:
    """Be no longer root, who may write everywhere."""
    me = os.geteuid()
    os.seteuid(65534 if me == 0 else me)
    try:
        yield
    finally:
        os.seteuid(me)


def test_a_read_only_folder_is_read():
    with tempfile.TemporaryDirectory() as name:
        registry = Registry(Path(name) / FILE)
        add(registry)
        Path(name).chmod(0o555)
        with somebody_else():
            assert count(registry) == 1
            with pytest.raises(PipelineError, match=r"cannot use the registry .*read"):
                add(registry)


def test_a_file_that_is_none_is_one_line_with_a_remedy(registry):
    registry.file.write_text("no database\n" * 1000)
    for use in (count, add):
        with pytest.raises(PipelineError, match=r"not a database; .*backup") as error:
            use(registry)
        assert "\n" not in str(error.value)


def test_a_file_of_a_later_version_is_left_alone(registry):
    with registry.transaction() as connection:
        connection.execute("pragma user_version = 99")
    for use in (count, add):
        with pytest.raises(PipelineError, match="is of version 99, this project"):
            use(registry)


def test_the_first_file_that_there_was_is_read_and_upgraded_with_all_it_has(registry):
    with closing(sqlite3.connect(registry.file)) as connection:
        connection.executescript((RECORDED / "registry_1.sql").read_text())
    before = registry.file.read_bytes()
    created, approved = read_decisions(registry.file.parent / "published")
    assert (created.state, approved.state) == ("created", "approved")
    assert approved.reason == "meets the policy"
    [build] = last_builds(registry)
    assert (build.build_id, build.state, build.seconds) == ("aaaa", "passed", 300)
    assert registry.file.read_bytes() == before

    another = "'aaaa', 'need_state', 'part_2.csv', 20, '2026-11-28T10:00:00+00:00'"
    with registry.transaction() as connection:
        connection.execute(f"insert into inputs values ({another})")
    found = registry.read("select file, bytes from inputs order by file")
    assert list(map(tuple, found)) == [("need_state.csv", 10), ("part_2.csv", 20)]
    assert registry.read("pragma user_version")[0][0] == VERSION
    assert len(read_decisions(registry.file.parent / "published")) == 2
    new = Registry(registry.file.with_name("new.sqlite"))
    with new.transaction():
        pass
    assert columns(registry) == columns(new)


def columns(registry: Registry) -> set[tuple[str, ...]]:
    """Return the columns of all tables, with their types and keys."""
    query = """
        select tables.name, columns.name, columns.type, "notnull", pk
        from sqlite_master as tables, pragma_table_info(tables.name) as columns
        where tables.type = 'table'
    """
    return {tuple(row) for row in registry.read(query)}


def test_a_file_of_an_earlier_version_is_read_and_upgraded_when_written(registry):
    with registry.transaction() as connection:
        connection.execute("alter table commands drop column raw")
        connection.execute("pragma user_version = 1")
    before = registry.file.read_bytes()
    assert registry.read("select raw from commands") == []
    assert registry.file.read_bytes() == before
    with registry.transaction() as connection:
        connection.execute("select raw from commands")
    assert registry.read("pragma user_version")[0][0] == VERSION
