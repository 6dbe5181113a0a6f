"""Runs of the command: which was the last one, and how it ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clustering.core.paths import Paths
from clustering.store.commands import is_under_way, last_command, record_command

ABOUT = {"job": "full_pipeline", "scenario": None}
KILLED = """
import os, sys
from pathlib import Path
from clustering.core.paths import Paths
from clustering.store.commands import record_command
with record_command(Paths(Path(sys.argv[1])), {"scenario": "fewer"}):
    os.kill(os.getpid(), 9)
"""


def kill_a_run(folder: Path) -> int:
    """Start a run that is killed, and return its process id."""
    process = subprocess.Popen([sys.executable, "-c", KILLED, folder])
    process.wait()
    return process.pid


def test_a_run_that_ended_has_ended(tmp_path):
    paths = Paths(tmp_path)
    assert last_command(paths) is None
    assert not is_under_way(paths)
    with record_command(paths, ABOUT) as result:
        assert is_under_way(paths)
        assert not last_command(paths).has_ended
        result["published"] = "one"
    run = last_command(paths)
    assert (run.process, run.has_ended, run.error) == (os.getpid(), True, None)
    assert not is_under_way(paths)


def test_a_run_that_failed_says_why(tmp_path):
    with (
        pytest.raises(ValueError, match="no such"),
        record_command(Paths(tmp_path), ABOUT),
    ):
        raise ValueError("no such column")
    run = last_command(Paths(tmp_path))
    assert (run.has_ended, run.error) == (True, "no such column")


def test_a_run_that_was_killed_has_no_end(tmp_path):
    process = kill_a_run(tmp_path)
    run = last_command(Paths(tmp_path))
    assert (run.process, run.scenario, run.has_ended) == (process, "fewer", False)
    assert not is_under_way(Paths(tmp_path))
