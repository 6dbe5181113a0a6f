"""The log of the command takes what it can, and stops nothing."""

import errno
import json
from pathlib import Path

from clustering.core.log import log_file, open_log, problem_of
from clustering.core.paths import Paths
from tests.conftest import run_clustering


def test_a_line_is_an_object_of_json(tmp_path):
    log = open_log(Paths(tmp_path))
    log.info("run started", extra={"job": "full_pipeline"})
    [line] = log_file(Paths(tmp_path)).read_text().splitlines()
    said = json.loads(line)
    assert (said["message"], said["job"]) == ("run started", "full_pipeline")
    assert problem_of(log) is None


def test_a_full_disk_stops_nothing_and_prints_nothing(tmp_path, capfd):
    file = log_file(Paths(tmp_path))
    file.parent.mkdir()
    file.symlink_to("/dev/full")
    log = open_log(Paths(tmp_path))
    log.info("run started")
    assert problem_of(log).errno == errno.ENOSPC
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_cannot_be_made_stops_nothing(tmp_path, capfd):
    (tmp_path / "logs").touch()
    log = open_log(Paths(tmp_path))
    log.info("run started")
    assert isinstance(problem_of(log), NotADirectoryError | FileExistsError)
    assert capfd.readouterr() == ("", "")


def test_an_error_is_told_where_it_cannot_be_logged(tmp_path):
    (tmp_path / "logs").mkdir()
    log_file(Paths(tmp_path)).symlink_to("/dev/full")
    registry = Path(tmp_path / "registry.sqlite")
    registry.write_bytes(b"\xff" * 5000)
    result = run_clustering("status", data=tmp_path)
    assert result.returncode == 4
    assert result.stderr.startswith("Error: cannot use the registry")
    assert "clustering repair" in result.stderr
    assert "Traceback" not in result.stderr
