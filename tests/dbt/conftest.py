"""The dbt project as a user has it, and plain dbt."""

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

from clustering.core.paths import DBT_PROJECT
from tests.conftest import UNSET
from tests.forked import run_forked

# For a build with a selection of its own: it runs the tests of a model with the model,
# as a build of everything does, and of the other tests those that read nothing else.
AS_IN_A_BUILD = (
    *("--exclude", "test_type:generic", "test_type:unit"),
    *("--indirect-selection", "cautious"),
)


@cache
def _parsed() -> Path:
    """Parse the project where its seeds stay as they are, once for all its copies."""
    folder = Path(tempfile.mkdtemp(prefix="parsed"))
    atexit.register(shutil.rmtree, folder)
    result = run_dbt(
        DBT_PROJECT, "parse", "--target-path", str(folder), "--log-path", str(folder)
    )
    assert result.returncode == 0, result.stdout
    return folder / "partial_parse.msgpack"


def copy_project(raw: Path, folder: Path) -> Path:
    """Copy the project as a user has it: input in data/raw, parsed, nothing built."""
    ignored = shutil.ignore_patterns("target", "logs")
    shutil.copytree(DBT_PROJECT, folder / "dbt_project", ignore=ignored)
    shutil.copytree(raw, folder / "data" / "raw")
    (folder / "data" / "warehouse").mkdir()
    (folder / "dbt_project" / "target").mkdir()
    shutil.copy2(_parsed(), folder / "dbt_project" / "target")
    return folder / "dbt_project"


@pytest.fixture(scope="module")
def copied_project(small_folder, tmp_path_factory) -> Path:
    return copy_project(small_folder, tmp_path_factory.mktemp("project"))


def run_dbt(
    folder: Path, *arguments: str, may_warn: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run plain dbt in ``folder``, with no variable of ours in the environment."""
    strictly = [] if may_warn else ["--warn-error"]
    unset = UNSET | {"DATA_DIR"}
    environment = {
        name: value for name, value in os.environ.items() if name not in unset
    }
    return run_forked("dbt", [*strictly, *arguments], env=environment, cwd=folder)
