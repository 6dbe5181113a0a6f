"""A file is replaced by a whole one, or stays as it was."""

import os
import subprocess
from pathlib import Path

import pytest

from clustering.core.errors import CommandError
from clustering.core.files import renew, replacing


def test_the_file_changes_at_the_end_and_nothing_is_left_beside(tmp_path):
    target = tmp_path / "new" / "file.txt"
    for text in ("first", "second"):
        before = target.exists() and target.read_text()
        with replacing(target) as temporary:
            temporary.write_text(text)
            assert (target.exists() and target.read_text()) == before
        assert target.read_text() == text
    assert list(target.parent.iterdir()) == [target]


def test_what_fails_leaves_the_file_that_was_there(tmp_path):
    target = tmp_path / "file.txt"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(target) as temporary:
        temporary.write_text(f"half {1 / 0}")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with (
        pytest.raises(CommandError, match=f"cannot write {folder}: Is a directory"),
        replacing(folder) as temporary,
    ):
        temporary.write_text("new")
    with (
        pytest.raises(CommandError, match=r"cannot write .*: File name too long"),
        replacing(tmp_path / ("x" * 300)),
    ):
        raise AssertionError("not reached")
    assert list(tmp_path.iterdir()) == [folder]


def test_a_file_where_the_folder_should_be_is_named(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with (
        pytest.raises(CommandError, match=f"{file} is no folder"),
        replacing(file / "report.html"),
    ):
        raise AssertionError("not reached")


def test_a_full_disk_is_one_line(tmp_path):
    target = tmp_path / "file.txt"
    with (
        pytest.raises(CommandError, match=f"{target}: No space left on device"),
        replacing(target),
    ):
        Path("/dev/full").write_text("new")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_takes_the_place_of_those_of_earlier_states(tmp_path):
    for name in ("sales-1.csv", "sales-2.csv", "other-1.csv"):
        (tmp_path / name).touch()
    renew(
        tmp_path / "sales-3.csv",
        lambda file: file.write_text("new"),
        is_copy=lambda name: name.startswith("sales-"),
    )
    assert {file.name for file in tmp_path.iterdir()} == {"sales-3.csv", "other-1.csv"}
    assert (tmp_path / "sales-3.csv").read_text() == "new"


def test_what_a_killed_process_left_is_removed_by_the_next_one(tmp_path):
    target = tmp_path / "a.csv"
    with subprocess.Popen(["sleep", "0"]) as ended:
        ended.wait()
    here = f".{os.getppid()}.a.csv"
    others = {here, f".{ended.pid}.b.csv", ".x.a.csv", "tmp_a.csv"}
    for name in (*others, f".{ended.pid}.a.csv", f"tmp_.{ended.pid}.a.csv"):
        (tmp_path / name).touch()
    with replacing(target) as temporary:
        temporary.write_text("1")
    assert {file.name for file in tmp_path.iterdir()} == {"a.csv", *others}
