"""Forked commands are as those that a user starts, whatever the tests have done."""

import os
import subprocess
import sys
from types import ModuleType

import pytest

from tests.conftest import CLUSTERING, run_environment
from tests.forked import run_forked


@pytest.mark.parametrize("arguments", [["--version"], ["status"], ["show", "GIN"]])
def test_a_command_says_and_ends_as_in_a_process_of_its_own(tmp_path, arguments):
    environment = run_environment(tmp_path)
    forked = run_forked("clustering", arguments, env=environment)
    own = subprocess.run(
        [CLUSTERING, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert forked.returncode == own.returncode
    assert (forked.stdout, forked.stderr) == (own.stdout, own.stderr)


def test_another_main_program_is_no_part_of_it(tmp_path, monkeypatch):
    page = ModuleType("__main__")
    page.__file__ = str(tmp_path / "page.py")
    monkeypatch.setitem(sys.modules, "__main__", page)
    result = run_forked("clustering", ["--version"], env=run_environment(tmp_path))
    assert result.returncode == 0, result.stderr
    assert sys.modules["__main__"] is page


def test_the_environment_of_the_tests_stays(tmp_path):
    before = dict(os.environ)
    run_forked("clustering", ["--version"], env=run_environment(tmp_path))
    assert dict(os.environ) == before
