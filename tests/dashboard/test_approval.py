"""Whether versions can be approved: not if turned off, or in a read-only folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clustering.dashboard.approval import ALLOWED, OPTIONS, POSTGRES, Approval, is_local

# Root may write everywhere, unless it gives that up.
AS_ANYBODY = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
FIND_OBSTACLE = """
import sys, pathlib
from clustering.dashboard.approval import Approval
print(Approval(is_allowed=True).find_obstacle(pathlib.Path(sys.argv[1])))
"""


@pytest.mark.parametrize(
    ("address", "local"),
    [("127.0.0.2", True), ("::1", True), ("0.0.0.0", False), ("10.0.0.7", False)],
)
def test_only_the_machine_itself_is_local(address, local):
    assert is_local(address) == local


def test_approval_is_off_by_default(monkeypatch):
    for name in (ALLOWED, POSTGRES, OPTIONS):
        monkeypatch.delenv(name, raising=False)
    assert Approval.from_environment() == Approval(is_allowed=False)


@pytest.mark.parametrize("closed", [".", "runs"])
def test_a_folder_that_cannot_be_written_is_an_obstacle(tmp_path: Path, closed):
    (tmp_path / "runs").mkdir()
    command = [sys.executable, "-c", FIND_OBSTACLE, str(tmp_path)]
    if os.geteuid() == 0:
        command = AS_ANYBODY + command
    assert _output(command) == "None"
    (tmp_path / closed).chmod(0o555)
    assert "cannot write" in _output(command)
    (tmp_path / closed).chmod(0o755)


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()
