"""Every command line of the README and the guides, run as it is written."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from cli.paths import DBT_PROJECT
from serving.runs import current_run
from serving.versions import read_versions
from tests.conftest import CLUSTERING, PROJECT, run_clustering, run_environment

PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
LINE = re.compile(r"^(?:\.\./)?\.venv/bin/(?:clustering|dbt) .*$", re.M)
# Named by a guide; each reader has another.
RUN = re.compile(r"\bRUN\b|\b\d{8}T\d{2}\b")
# What stands in a guide is to be quick here.
QUICK = "bootstrap_resamples=2"


def lines() -> list[str]:
    """Return each line once, in the order of the pages."""
    found = [line for page in PAGES for line in LINE.findall(page.read_text())]
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def data(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data folder with input and a run that readers have."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "raw").symlink_to(small_folder)
    result = run_clustering("run", "--param", QUICK, data=folder)
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture(scope="module")
def waiting(data: Path) -> str:
    """Build a scenario that a person may decide about."""
    options = ("--scenario", "waiting", "--param", "max_clusters=2", "--param", QUICK)
    result = run_clustering("run", *options, data=data)
    assert result.returncode == 0, result.stderr
    return read_versions(data / "published")[0].run


@pytest.mark.parametrize("line", lines())
def test_a_command_line_does_what_a_guide_says(line, data, waiting, tmp_path):
    program, *arguments = shlex.split(line)
    decides = arguments[0] in ("reject", "compare")
    run = waiting if decides else current_run(data / "published").name
    arguments = [RUN.sub(run, argument) for argument in arguments]
    command = program.rpartition("/")[2]
    (tmp_path / "configs").symlink_to(PROJECT / "configs")
    done = subprocess.run(
        [CLUSTERING.with_name(command), *arguments],
        cwd=DBT_PROJECT if command == "dbt" else tmp_path,
        env=run_environment(
            data,
            STAGING_DATA_DIR=str(tmp_path / "staging"),
            PROD_DATA_DIR=str(tmp_path / "prod"),
            DBT_PROFILES_DIR=str(DBT_PROJECT),
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def test_lines_were_found():
    found = lines()
    assert len(found) > 25
    assert {line.split()[0] for line in found} == {
        ".venv/bin/clustering",
        "../.venv/bin/dbt",
    }
