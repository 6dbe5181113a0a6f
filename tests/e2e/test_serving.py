"""Readers notice nothing while runs are built, published, or killed at any moment.

Everything is real: the command, DuckDB, PostgreSQL, processes that read all the time.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from clustering.core.paths import Paths
from clustering.store.builds import last_command
from clustering.store.runs import current_run, kept_runs
from clustering.store.versions import find_version, read_versions
from tests.conftest import CLUSTERING, PROJECT, run_clustering, run_environment
from tests.e2e.reader import read_database, read_files, read_postgres
from tests.postgres import postgres
from tests.store.builds import build_later

# Builds and kills of make test, and of make test-long.
BUILDS = [2, pytest.param(10, marks=pytest.mark.long)]
KILLS = [2, pytest.param(10, marks=pytest.mark.long)]
# A build of the small sample is quick where it tries little.
QUICK = ("bootstrap_resamples=2", "stability_resamples=2", "max_clusters=3")
POSTGRES = "PUBLISH_POSTGRES_DSN"


@pytest.fixture(scope="module")
def data(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data folder with the small sample as its input."""
    folder = tmp_path_factory.mktemp("life")
    (folder / "raw").symlink_to(small_folder)
    return folder


@pytest.fixture(scope="module", name="postgres")
def postgres_url() -> Iterator[str]:
    """Start a server for this module, and give its URL."""
    with postgres() as url:
        yield url


def arguments(seed: int) -> list[str]:
    """Return those of a run that is unlike any with another seed."""
    settings = [*QUICK, f"random_state={seed}"]
    return ["run", *(text for one in settings for text in ("--param", one))]


def start_reader(data: Path, postgres: str, stop: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.reader", data / "published", postgres, stop],
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )


@pytest.mark.parametrize("builds", BUILDS)
def test_readers_never_fail_and_never_see_two_runs_while_many_are_published(
    data, postgres, tmp_path, record_property, builds
):
    seeds = range(1000 * builds, 1000 * builds + builds + 1)
    first = run_clustering(*arguments(seeds[0]), data=data, **{POSTGRES: postgres})
    assert first.returncode == 0, first.stderr
    stop = tmp_path / "stop"
    readers = [start_reader(data, postgres, stop) for _ in range(2)]
    try:
        for seed in seeds[1:]:
            result = run_clustering(*arguments(seed), data=data, **{POSTGRES: postgres})
            assert result.returncode == 0, result.stderr
    finally:
        stop.touch()
    for reader in readers:
        seen = json.loads(reader.communicate(timeout=300)[0])
        record_property("reads", seen["counts"])
        assert seen["wrong"] == []
        assert len(seen["runs"]) == builds + 1
        assert min(seen["counts"].values()) > 10 * builds
    published = data / "published"
    assert len(kept_runs(published)) == min(10, len(read_versions(published)))


@pytest.mark.parametrize("kills", KILLS)
def test_killed_while_publishing_readers_keep_a_whole_run(data, postgres, kills):
    moments = random.Random(kills)
    seconds = time_of(["publish"], end_later(data), postgres)
    killed = 0
    for _ in range(2 * kills):
        moment = moments.uniform(0, seconds)
        process = kill_after(moment, ["publish"], end_later(data), postgres)
        killed += bool(process)
        check_that_readers_see_one_run(data, postgres)
        if killed == kills:
            break
    assert killed == kills, "too many had ended before they could be killed"
    check_that_the_next_run_succeeds(data, postgres, seed=100 * kills)


@pytest.mark.parametrize("kills", KILLS)
def test_killed_while_building_readers_keep_the_run_that_they_had(
    data, postgres, kills
):
    moments, first = random.Random(-kills), 100 * kills + 1
    seconds = time_of(arguments(first), data, postgres)
    killed = 0
    for seed in range(first + 1, first + 1 + 2 * kills):
        kept = kept_runs(data / "published")
        before = current_run(data / "published")
        moment = moments.uniform(0, seconds)
        process = kill_after(moment, arguments(seed), data, postgres)
        killed += bool(process)
        check_that_readers_see_one_run(data, postgres)
        # another only where the kill came after all of it was there
        now = current_run(data / "published")
        assert now == before or now not in kept
        if process:
            check_that_status_says_what_helps(
                data, postgres, process=process, is_new=now != before
            )
        if killed == kills:
            break
    assert killed == kills, "too many had ended before they could be killed"
    check_that_the_next_run_succeeds(data, postgres, seed=100 * kills + 90)


def end_later(data: Path) -> Path:
    """Make the registry say that the build ended later: it is to be published anew."""
    build_later(Paths(data), timedelta(seconds=1))
    return data


def check_that_readers_see_one_run(data: Path, postgres: str) -> None:
    published = data / "published"
    for run, of_rows, rows, wanted in (
        read_database(published),
        read_files(published),
        read_postgres(postgres),
    ):
        assert (run, rows) == (of_rows, wanted)
        assert rows > 0


def check_that_status_says_what_helps(
    data: Path, postgres: str, *, process: int, is_new: bool
) -> None:
    """Ask `clustering status` after a kill: what happened, and what to do."""
    result = run_clustering("status", data=data, **{POSTGRES: postgres})
    assert result.returncode == 0, result.stderr
    run = current_run(data / "published").name
    assert f"version {number_of(data)} is live, {run}, since" in result.stdout
    told = re.findall(r"^(?:To do: .*|Nothing to do\.)$", result.stdout, re.M)
    wanted = []
    has_begun = last_command(Paths(data)).process == process
    if has_begun and not is_new:
        wanted.append(
            "To do: the run of .* was stopped before its end; .* clustering run$"
            "|To do: .* was built, complete and valid, .* clustering publish$"
        )
    # of this kill, or still of one before
    if read_postgres(postgres)[0] != read_database(data / "published")[0]:
        wanted.append("To do: PostgreSQL has the run .* clustering publish --run ")
    if has_begun and not wanted:
        assert told == ["Nothing to do."]
    for one in wanted:
        assert any(re.match(one, line) for line in told), told


def number_of(data: Path) -> int:
    """Return the number of the live version."""
    now = current_run(data / "published")
    return find_version(data / "published", now).number


def check_that_the_next_run_succeeds(data: Path, postgres: str, *, seed: int) -> None:
    result = run_clustering(*arguments(seed), data=data, **{POSTGRES: postgres})
    assert result.returncode == 0, result.stderr
    check_that_readers_see_one_run(data, postgres)
    assert read_database(data / "published") == read_postgres(postgres)
    assert not list((data / "published" / "runs").glob(".*"))


def time_of(command: list[str], data: Path, postgres: str) -> float:
    started = time.monotonic()
    result = run_clustering(*command, data=data, **{POSTGRES: postgres})
    assert result.returncode == 0, result.stderr
    return time.monotonic() - started


def kill_after(
    moment: float, command: list[str], data: Path, postgres: str
) -> int | None:
    """Kill the command and what it started, after so many seconds; if still there.

    Returns the id of its process if it was.
    """
    process = subprocess.Popen(
        [CLUSTERING, *command],
        env=run_environment(data, **{POSTGRES: postgres}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=moment)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return process.pid
    return None
