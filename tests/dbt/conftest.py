"""The dbt project as a user has it, and plain dbt."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clustering.core.paths import DBT_PROJECT
from tests.conftest import UNSET

DBT = Path(sys.executable).parent / "dbt"


def copy_project(raw: Path, folder: Path) -> Path:
    """Copy the project as a user has it: input in data/raw, nothing built."""
    ignored = shutil.ignore_patterns("target", "logs")
    shutil.copytree(DBT_PROJECT, folder / "dbt_project", ignore=ignored)
    shutil.copytree(raw, folder / "data" / "raw")
    (folder / "data" / "warehouse").mkdir()
    return folder / "dbt_project"


@pytest.fixture(scope="module")
def copied_project(small_folder, tmp_path_factory) -> Path:
    return copy_project(small_folder, tmp_path_factory.mktemp("project"))


def run_dbt(
    folder: Path, *arguments: str, may_warn: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run plain dbt in ``folder``, with no variable of ours in the environment."""
    return subprocess.run(
        [DBT, *([] if may_warn else ["--warn-error"]), *arguments],
        cwd=folder,
        env={
            name: value
            for name, value in os.environ.items()
            if name not in UNSET | {"DATA_DIR"}
        },
        capture_output=True,
        text=True,
        check=False,
    )
