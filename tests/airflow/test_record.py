"""The warehouse's record."""

import os
from pathlib import Path

from clustering.airflow.record import BuildRecord, fingerprint
from clustering.core.paths import Paths


def test_nothing_has_passed_where_nothing_was_built(tmp_path: Path) -> None:
    record = BuildRecord.read(Paths(tmp_path))
    assert (record.run, record.input) == (None, None)
    assert not record.has_passed("marts")


def test_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    started = BuildRecord().start("one", input="files", stages=["internal", "marts"])
    started.finish(["internal"]).write(paths)
    record = BuildRecord.read(paths)
    assert record == started.finish(["internal"])
    assert [file.name for file in paths.record.parent.iterdir()] == [paths.record.name]


def test_stage_has_passed_once_its_build_finished() -> None:
    record = BuildRecord().start("one", input="", stages=["internal", "marts"])
    assert not record.has_passed("marts")
    record = record.finish(["internal", "marts"])
    assert record.has_passed("marts", run="one")
    assert not record.has_passed("marts", run="two")


def test_another_run_leaves_the_stages_it_does_not_build() -> None:
    record = BuildRecord().start("one", input="", stages=["internal", "marts"])
    record = record.finish(["internal", "marts"])
    record = record.start("two", input="", stages=["internal"])
    assert record.has_passed("marts", run="one")
    assert not record.has_passed("internal")


def test_fingerprint_changes_with_size_time_and_name(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    file = tmp_path / "folder" / "sales.parquet"
    seen = {fingerprint([tmp_path])}
    for change in (
        lambda: file.write_text("a"),
        lambda: file.write_text("ab"),
        lambda: os.utime(file, ns=(1, 1)),
        lambda: file.rename(file.with_name("stores.parquet")),
    ):
        change()
        seen.add(fingerprint([tmp_path]))
    assert len(seen) == 5


def test_fingerprint_of_what_is_not_there_is_empty(tmp_path: Path) -> None:
    assert fingerprint([tmp_path / "nothing"]) == ""


def test_fingerprint_passes_over_what_python_keeps(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "model.pyc").write_text("x")
    assert fingerprint([tmp_path]) == ""


def test_what_a_run_has_done_counts_for_the_same_input_alone(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    record = BuildRecord().start("one", input="files", stages=["internal"])
    record.add("model.a").write(paths)
    record = BuildRecord.read(paths)
    assert record.done == ("model.a",)
    assert record.start("one", input="files", stages=[]).done == ("model.a",)
    assert record.start("one", input="other", stages=[]).done == ()
    assert record.start("two", input="files", stages=[]).done == ()
