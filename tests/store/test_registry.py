"""The registry as a file: several writers, read-only folders, invalid files."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clustering.core.errors import PipelineError
from clustering.store.registry import FILE, VERSION, Registry

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
