"""Every command line of the README and the guides, run as written."""

import re
import shlex
from pathlib import Path

import pytest

from clustering.core.paths import Paths
from clustering.store.runs import current_run
from clustering.store.versions import read_versions
from tests.conftest import PROJECT, copy_code, copy_data, run_environment
from tests.forked import run_forked

PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
LINE = re.compile(r"^(?:\.\./)?\.venv/bin/(?:clustering|dbt) .*$", re.M)
# Named by a guide; each reader has another.
RUN = re.compile(r"\bRUN\b|\b\d{8}T\d{2}\b")
# That a line of a guide makes, and others compare and reject.
SCENARIO = "fewer"
# Lines that build what other tests build too, each with one of them: here, that is
# for make test-long.
ELSEWHERE = {
    ".venv/bin/clustering minimal": (
        "tests/test_wheel.py::test_it_makes_a_project_and_shows_clusters_in_it"
    ),
    ".venv/bin/clustering run internal_clustering --tag season=spring": (
        "tests/cli/test_commands.py"
        "::test_a_job_by_itself_publishes_nothing_where_it_makes_no_marts"
    ),
    "../.venv/bin/dbt build": (
        "tests/dbt/test_project.py::test_dbt_build_by_hand_works_and_warns_of_nothing"
    ),
    "../.venv/bin/dbt build --vars '{min_cluster_size: 20}'": (
        "tests/e2e/test_corrections.py::test_stores_are_moved_held_and_merged"
    ),
    ".venv/bin/clustering run --param min_cluster_size=20 --param algorithm=gmm": (
        "tests/e2e/test_options.py::test_options_find_the_planted_segments"
    ),
    ".venv/bin/clustering run": (
        "tests/e2e/test_totals.py"
        "::test_tenths_of_cents_and_thirds_of_them_add_up_exactly"
    ),
    ".venv/bin/clustering run --seam data/seam": (
        "tests/store/test_seam.py::test_run_from_a_folder_publishes_the_same_marts"
    ),
    ".venv/bin/clustering seam data/seam --engine spark": (
        "tests/spark/test_seam_on_spark.py::test_table_of_the_seam_is_the_same"
    ),
    ".venv/bin/clustering run --full-refresh": (
        "tests/e2e/test_continuity.py"
        "::test_the_next_run_again_leaves_every_byte_as_it_is"
    ),
    ".venv/bin/clustering run --param label_continuity=false": (
        "tests/e2e/test_continuity.py"
        "::test_without_continuity_clusters_are_numbered_anew"
    ),
}


def lines() -> list[str]:
    """Return each line once, in the order of the pages."""
    found = [line for page in PAGES for line in LINE.findall(page.read_text())]
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the project: commands write into the folder that they run in."""
    return copy_code(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def data(
    small_folder: Path, small_data: Paths, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Make a data folder with input and a live version."""
    folder = copy_data(small_data.data, tmp_path_factory.mktemp("written"))
    (folder / "raw").symlink_to(small_folder)
    return folder


def marked_lines() -> list[object]:
    """Return the lines, those that are tested elsewhere for make test-long."""
    long = pytest.mark.long
    return [pytest.param(n, marks=long) if n in ELSEWHERE else n for n in lines()]


@pytest.mark.parametrize("line", marked_lines())
def test_a_command_line_does_what_a_guide_says(line, project, data, tmp_path):
    program, *arguments = shlex.split(line)
    decides = arguments[0] in ("reject", "compare")
    arguments = [
        RUN.sub(run_in(data / "published", waits=decides), argument)
        if RUN.search(argument)
        else argument
        for argument in arguments
    ]
    command = program.rpartition("/")[2]
    done = run_forked(
        command,
        arguments,
        env=run_environment(
            data,
            STAGING_DATA_DIR=str(tmp_path / "staging"),
            PROD_DATA_DIR=str(tmp_path / "prod"),
        ),
        cwd=project / "dbt_project" if command == "dbt" else project,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def run_in(published: Path, *, waits: bool) -> str:
    """Return the live run, or that of the scenario that a person may decide about."""
    if not waits:
        return current_run(published).name
    versions = read_versions(published)
    return next(one.run for one in versions if one.scenario == SCENARIO)


def test_lines_that_build_what_others_build_are_tested_there():
    for line, test in ELSEWHERE.items():
        file, _, name = test.partition("::")
        assert line in lines()
        assert f"def {name}(" in (PROJECT / file).read_text()


def test_lines_were_found():
    found = lines()
    assert len(found) > 25
    assert {line.split()[0] for line in found} == {
        ".venv/bin/clustering",
        "../.venv/bin/dbt",
    }
