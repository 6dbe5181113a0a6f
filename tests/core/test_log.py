"""The log of runs: which was the last one, and how it ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clustering.core.log import BYTES, is_under_way, last_run, log_file, log_run
from clustering.core.paths import Paths

ABOUT = {"job": "full_pipeline", "scenario": None}
KILLED = """
import os, sys
from pathlib import Path
from clustering.core.log import log_run
from clustering.core.paths import Paths
with log_run(Paths(Path(sys.argv[1])), {"scenario": "fewer"}):
    os.kill(os.getpid(), 9)
"""


def kill_a_run(folder: Path) -> int:
    """Start a run that is killed, and return its process id."""
    process = subprocess.Popen([sys.executable, "-c", KILLED, folder])
    process.wait()
    return process.pid


def test_a_run_that_ended_has_ended(tmp_path):
    paths = Paths(tmp_path)
    assert last_run(paths) is None
    assert not is_under_way(paths)
    with log_run(paths, ABOUT) as result:
        assert is_under_way(paths)
        assert not last_run(paths).has_ended
        result["published"] = "one"
    run = last_run(paths)
    assert (run.process, run.has_ended, run.error) == (os.getpid(), True, None)
    assert not is_under_way(paths)


def test_a_run_that_failed_says_why(tmp_path):
    with pytest.raises(ValueError, match="no such"), log_run(Paths(tmp_path), ABOUT):
        raise ValueError("no such column")
    run = last_run(Paths(tmp_path))
    assert (run.has_ended, run.error) == (True, "no such column")


def test_a_run_that_was_killed_has_no_end(tmp_path):
    process = kill_a_run(tmp_path)
    run = last_run(Paths(tmp_path))
    assert (run.process, run.scenario, run.has_ended) == (process, "fewer", False)
    assert not is_under_way(Paths(tmp_path))


def test_the_start_may_be_in_the_file_before_and_a_line_may_be_cut_short(tmp_path):
    paths = Paths(tmp_path)
    with log_run(paths, ABOUT):
        log = log_file(paths)
        log.write_text(log.read_text() + " " * BYTES)
    assert log_file(paths).with_name("clustering.log.1").exists()
    with log.open("a") as file:
        file.write('{"time": "20')
    assert last_run(paths).has_ended
