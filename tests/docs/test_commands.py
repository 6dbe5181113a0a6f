"""Every command line of the README and the guides, run as written."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from clustering.core.paths import Paths
from clustering.store.runs import current_run
from clustering.store.versions import read_versions
from tests.conftest import (
    CLUSTERING,
    PROJECT,
    copy_code,
    copy_data,
    run_clustering,
    run_environment,
)

PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
LINE = re.compile(r"^(?:\.\./)?\.venv/bin/(?:clustering|dbt) .*$", re.M)
# Named by a guide; each reader has another.
RUN = re.compile(r"\bRUN\b|\b\d{8}T\d{2}\b")
# What stands in a guide is to be quick here.
QUICK = {"bootstrap_resamples": 2, "stability_resamples": 2, "max_clusters": 3}


def lines() -> list[str]:
    """Return each line once, in the order of the pages."""
    found = [line for page in PAGES for line in LINE.findall(page.read_text())]
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the project, with settings that are quick."""
    project = copy_code(tmp_path_factory.mktemp("project"))
    file = project / "dbt_project" / "dbt_project.yml"
    text = file.read_text()
    for name, value in QUICK.items():
        text, found = re.subn(rf"(?m)^(    {name}:) .*$", rf"\g<1> {value}", text)
        assert found == 1, name
    file.write_text(text)
    return project


@pytest.fixture(scope="module")
def data(
    small_folder: Path, small_data: Paths, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Make a data folder with input and a live version."""
    folder = copy_data(small_data.data, tmp_path_factory.mktemp("written"))
    (folder / "raw").symlink_to(small_folder)
    return folder


@pytest.fixture(scope="module")
def waiting(project: Path, data: Path) -> str:
    """Build a scenario that a person may decide about."""
    options = ("--scenario", "waiting", "--param", "max_clusters=2")
    result = run_clustering("run", *options, data=data, PYTHONPATH=str(project))
    assert result.returncode == 0, result.stderr
    return read_versions(data / "published")[0].run


@pytest.mark.parametrize("line", lines())
def test_a_command_line_does_what_a_guide_says(line, project, data, waiting, tmp_path):
    program, *arguments = shlex.split(line)
    decides = arguments[0] in ("reject", "compare")
    run = waiting if decides else current_run(data / "published").name
    arguments = [RUN.sub(run, argument) for argument in arguments]
    command = program.rpartition("/")[2]
    done = subprocess.run(
        [CLUSTERING.with_name(command), *arguments],
        cwd=project / "dbt_project" if command == "dbt" else project,
        env=run_environment(
            data,
            STAGING_DATA_DIR=str(tmp_path / "staging"),
            PROD_DATA_DIR=str(tmp_path / "prod"),
            PYTHONPATH=str(project),
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
