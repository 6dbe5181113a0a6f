"""Every command on a real warehouse: what it prints, and its exit code."""

import json
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from clustering.core.builds import job_names
from clustering.core.paths import PROJECT, Paths
from clustering.store.runs import current_run, kept_runs
from clustering.store.versions import read_versions
from tests.conftest import copy_data, run_clustering
from tests.store.builds import build_again, plant, read_registry

QUICK = (
    *("--param", "bootstrap_resamples=2", "--param", "stability_resamples=2"),
    *("--param", "max_clusters=3"),
)

STAGES = {"staging", "semantic", "seeds", "intermediate", "features", "clustering"}
STAGES.add("marts")


def clustering(*arguments: str | Path, data: Path, **variables: str):
    """Run the command, which must succeed."""
    result = run_clustering(*arguments, data=data, **variables)
    assert result.returncode == 0, result.stdout + result.stderr
    return result


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of change of every file."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(f): (f.stat().st_size, f.stat().st_mtime_ns) for f in files}


@pytest.fixture(scope="module")
def data(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data folder in which the pipeline has run, with tags."""
    folder = tmp_path_factory.mktemp("commands")
    shutil.copytree(small_folder, folder / "raw")
    tags = ("--tag", "season=spring", "--tag", "by=anna")
    result = clustering("run", *QUICK, *tags, data=folder)
    (folder / "said.txt").write_text(result.stdout)
    return folder


def test_run_again_says_so_and_writes_nothing(data):
    before = snapshot(data)
    result = clustering("run", *QUICK, data=data)
    run = current_run(data / "published")
    assert (
        f"nothing to do: input, settings and code are those of the run {run.name}"
        in (" ".join(result.stdout.split()))
    )
    assert snapshot(data) == before


def test_a_file_that_changes_while_it_is_read_is_not_published(data, tmp_path):
    copy_data(data, tmp_path)
    raw = tmp_path / "raw"
    shutil.copytree(data / "raw", raw)
    run, builds = current_run(tmp_path / "published"), "select * from builds"
    before = len(read_registry(Paths(tmp_path), builds))
    with ThreadPoolExecutor() as beside:
        running = beside.submit(run_clustering, "run", "--force", *QUICK, data=tmp_path)
        while len(read_registry(Paths(tmp_path), builds)) == before:
            assert not running.done(), running.result().stderr
        (raw / "internal_sales.parquet").touch()
        result = running.result()
    assert result.returncode == 4
    assert "internal_sales.parquet changed while it was read" in result.stderr
    assert current_run(tmp_path / "published") == run
    for command in ("publish", "status"):
        told = run_clustering(command, data=tmp_path)
        assert "clustering publish" not in told.stdout + told.stderr
    assert current_run(tmp_path / "published") == run


def test_another_setting_or_file_is_something_to_do(data, tmp_path):
    raw = tmp_path / "raw"
    shutil.copytree(data / "raw", raw)
    copy_data(data, tmp_path)
    same = clustering("run", *QUICK, data=tmp_path)
    assert "nothing to do" in same.stdout  # a copy is the same input
    changed = clustering("run", *QUICK, "--param", "random_state=7", data=tmp_path)
    assert "version 2" in changed.stdout
    sales = raw / "internal_sales.parquet"
    table = duckdb.sql(f"from '{sales}' limit 100000").df()
    table.loc[table.index[0], "TOTAL_SALES"] = 77.0
    duckdb.from_df(table).write_parquet(str(sales))
    more = clustering("run", *QUICK, "--param", "random_state=7", data=tmp_path)
    assert "version 3" in more.stdout
    forced = clustering(
        "run", *QUICK, "--param", "random_state=7", "--force", data=tmp_path
    )
    assert "built" in forced.stdout


def test_the_registry_says_who_what_and_how_long(data):
    build = read_registry(
        Paths(data),
        "select started_by, environment, tags, code_version, status,"
        " length(signature), finished_at > started_at from builds",
    )
    [timed] = read_registry(
        Paths(data), "select count(*) filter (where seconds > 0), count(*) from results"
    )
    [(who, environment, tags, code, status, length, has_lasted)] = build
    assert who.endswith(", with clustering run")
    assert (environment, status, length, has_lasted) == ("dev", "passed", 64, True)
    assert json.loads(tags) == ["season=spring", "by=anna"]
    assert code.startswith("0.1.0")
    assert timed[0] == timed[1] > 300


def test_status_says_which_version_is_live_and_that_nothing_is_to_do(data):
    result = clustering("status", data=data)
    run = current_run(data / "published")
    assert f"version 1 is live, {run.name}, since" in result.stdout
    assert "season=spring" in result.stdout
    assert result.stdout.endswith("Nothing to do.\n")


def test_status_where_nothing_is_built(tmp_path):
    result = clustering("status", data=tmp_path)
    assert "nothing is published yet" in result.stdout
    assert "run: clustering run" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_status_of_a_build_that_was_stopped_and_of_one_that_failed(data, tmp_path):
    copy_data(data, tmp_path)
    plant(
        Paths(tmp_path),
        "update builds set finished_at = null",
        "update results set status = 'building' where name = 'store_map'",
    )
    stopped = clustering("status", data=tmp_path)
    assert "was stopped before its end; the live version stays" in stopped.stdout
    with duckdb.connect(str(Paths(tmp_path).warehouse)):
        busy = clustering("status", data=tmp_path)
    assert "most likely a build that is under way: wait for its end" in busy.stdout
    assert f"PID {os.getpid()}" in busy.stdout
    plant(
        Paths(tmp_path),
        "update builds set finished_at = started_at, status = 'failed'",
        "update results set status = 'error', message = 'no such column'"
        " where name = 'store_map'",
    )
    failed = clustering("status", data=tmp_path)
    assert "failed; the live version stays" in failed.stdout
    assert "model store_map: no such column" in failed.stdout


def test_status_of_a_build_that_cannot_be_published_says_why(data, tmp_path):
    copy_data(data, tmp_path)
    later = "update results set made_at = '2031-01-01' where name = 'store_clusters'"
    plant(Paths(tmp_path), later)
    told = clustering("status", data=tmp_path).stdout
    assert "not tested since they were made: store_clusters; run: clustering" in told


def test_status_of_a_run_that_failed_before_it_built_anything(data, tmp_path):
    copy_data(data, tmp_path)
    failed = run_clustering("run", *QUICK, data=tmp_path)
    assert failed.returncode == 4
    told = clustering("status", data=tmp_path).stdout
    raw = tmp_path / "raw"
    assert f"failed, and the live version stays: {raw}: no file internal" in told
    assert told.endswith("Correct that, then: clustering run\n")
    assert re.search(r"clustering run +failed", told)  # in the last runs, too


def test_what_to_run_again_has_the_folder_that_the_run_had(data, tmp_path):
    copy_data(data, tmp_path)
    raw = tmp_path / "my raw"
    raw.mkdir()
    failed = run_clustering("run", "--raw", raw, *QUICK, data=tmp_path)
    assert failed.returncode == 4
    told = clustering("status", data=tmp_path).stdout
    assert told.endswith(f"Correct that, then: clustering run --raw '{raw}'\n")


def test_run_tells_what_it_does_stage_by_stage(data):
    said = (data / "said.txt").read_text().splitlines()
    raw = "full_pipeline in the environment dev, data in "
    assert said[0] == f"{raw}{data}"
    assert said[1].startswith("comparing input, settings and code with")
    assert said[2:4] == ["reading the project", "checking the input files"]
    stages = [line.split()[:4] for line in said if re.match(r"  \w+ +\d+ of ", line)]
    assert {stage[0] for stage in stages} == STAGES
    assert all(made == wanted for _, made, _, wanted in stages)
    [built] = re.findall(r"built (\d+) models and seeds", "\n".join(said))
    assert sum(int(stage[1]) for stage in stages) == int(built)


def test_run_and_status_say_the_same_duration(data):
    said = (data / "said.txt").read_text()
    [seconds] = re.findall(r"built \d+ models and seeds in (\d+) s", said)
    assert re.search(rf" passed +{seconds} ", clustering("status", data=data).stdout)


def test_status_of_a_good_build_that_nobody_published(data, tmp_path):
    copy_data(data, tmp_path)
    build_again(Paths(tmp_path), "b" * 32, days=1)
    told = clustering("status", data=tmp_path).stdout
    assert re.search(
        r"To do: \w+-bbbbbbbbbbbb was built, complete and valid, and", told
    )
    clustering("publish", data=tmp_path)
    assert clustering("status", data=tmp_path).stdout.endswith("Nothing to do.\n")


def test_status_tells_that_postgresql_is_behind(data, tmp_path, postgres_server):
    shutil.copytree(data / "published", tmp_path / "published", symlinks=True)
    run = current_run(tmp_path / "published")
    dsn = {"PUBLISH_POSTGRES_DSN": postgres_server}
    behind = clustering("status", data=tmp_path, **dsn).stdout
    assert f"To do: PostgreSQL has nothing, the files have {run.name}" in behind
    clustering("publish", "--run", run.name, data=tmp_path, **dsn)
    told = clustering("status", data=tmp_path, **dsn).stdout
    assert "PostgreSQL" not in told.partition("To do")[2]
    gone = clustering(
        "status", data=tmp_path, PUBLISH_POSTGRES_DSN="postgresql://127.0.0.1:1/none"
    )
    assert "To do: PostgreSQL says nothing: connection to server" in gone.stdout


def test_validate_looks_and_builds_nothing(data, tmp_path):
    result = clustering("validate", "--raw", data / "raw", data=tmp_path)
    first, second, header, *rows, last = result.stdout.splitlines()
    assert first == "configuration dev: good"
    assert second == f"reading the input in {data / 'raw'}"
    assert header.split()[:3] == ["table", "files", "rows"]
    assert any(row.startswith("internal_sales") for row in rows)
    assert last == f"input in {data / 'raw'}: good"
    assert not Paths(tmp_path).warehouse.exists()
    none = run_clustering("validate", data=tmp_path)
    assert none.returncode == 4
    assert "no file internal_sales.parquet" in none.stderr
    clustering("validate", "--only-config", data=tmp_path)
    wrong = run_clustering("validate", "--param", "min_clusters=0", data=tmp_path)
    assert wrong.returncode == 3


def test_list_jobs_lists_what_run_takes():
    result = clustering("list-jobs", data=PROJECT / "data")
    assert [name for name in job_names() if name not in result.stdout] == []


def test_a_job_by_itself_publishes_nothing_where_it_makes_no_marts(data, tmp_path):
    shutil.copytree(data / "raw", tmp_path / "raw")
    copy_data(data, tmp_path)
    before = kept_runs(tmp_path / "published")
    result = clustering("run", "internal_clustering", *QUICK, data=tmp_path)
    assert "internal_clustering leaves marts out" in " ".join(result.stdout.split())
    assert kept_runs(tmp_path / "published") == before


def test_a_scenario_is_kept_apart_compared_and_promoted(data, tmp_path):
    shutil.copytree(data / "raw", tmp_path / "raw")
    copy_data(data, tmp_path)
    served = current_run(tmp_path / "published").name
    more = ("--param", "max_clusters=2", "--scenario", "fewer")
    result = clustering("run", *QUICK, *more, data=tmp_path)
    assert "it is the scenario fewer" in " ".join(result.stdout.split())
    assert current_run(tmp_path / "published").name == served
    assert "nothing to do" in clustering("run", *QUICK, data=tmp_path).stdout
    compared = clustering("compare", "fewer", data=tmp_path)
    assert "max_clusters: 2 | 3" in compared.stdout
    assert "COFFEE" in compared.stdout
    approved = clustering("approve", "fewer", "--reason", "agreed", data=tmp_path)
    assert "version 2" in approved.stdout
    [newest, _] = read_versions(tmp_path / "published")
    assert (newest.state, newest.reason) == ("approved", "agreed")
    assert current_run(tmp_path / "published").name == newest.run != served


def test_approve_reject_and_publish_say_what_cannot_be(data):
    run = current_run(data / "published").name
    for command, code, says in [
        (["approve", "x"], 2, "no run that is kept begins with 'x'"),
        (["approve", ""], 2, "got an empty RUN"),
        (["approve", run, "--by", " "], 2, "got an empty --by"),
        (["reject", run, "--reason", "no"], 2, f"{run} is live: approve another"),
        (["reject", run], 2, "Missing option '--reason'"),
        (["compare", run], 2, f"both are {run}"),
        (["publish", "--run", "x"], 2, "no run that is kept begins with 'x'"),
    ]:
        result = run_clustering(*command, data=data)
        assert result.returncode == code, result.stderr
        assert says in " ".join(re.sub(r"[│╭╰─╮╯]", "", result.stderr).split())


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["run", "everything"], 2, "no job 'everything'; known: full_pipeline"),
        (["run", "internal_ml_job"], 2, "did you mean internal_clustering?"),
        (["run", "full_pipelin"], 2, "did you mean full_pipeline?"),
        (["run", "--tag", "spring"], 2, "got --tag 'spring', expected KEY=VALUE"),
        (["run", "--scenario", "../up"], 2, "got --scenario '../up', expected letters"),
        (["run", "--env", "live"], 3, "no environment 'live' in configs; there are:"),
        (["status", "--config", "none.yml"], 3, "cannot read none.yml"),
        (["show"], 1, "nothing is published yet"),
        (["compare", "a"], 2, "no run that is kept begins with 'a'; there are: none"),
        (["export"], 1, "nothing is published yet"),
        (["report"], 1, "nothing is published yet"),
        (["track"], 1, "nothing is published yet"),
        (["publish"], 4, "there is no warehouse"),
        (["ui", "--port", "0"], 2, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_one_line_and_an_exit_code(tmp_path, arguments, code, says):
    result = run_clustering(*arguments, data=tmp_path)
    assert result.returncode == code, result.stderr
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_what_nobody_has_foreseen_is_one_line_with_the_traceback_in_the_log(tmp_path):
    published = tmp_path / "published"
    published.mkdir()
    (published / "versions.jsonl").write_text("no JSON\n")  # of an earlier version
    result = run_clustering("status", data=tmp_path)
    assert result.returncode == 1
    log = tmp_path / "logs" / "clustering.log"
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: JSONDecodeError: Expecting value")
    assert line.endswith(f"the traceback is in {log} [E199]")
    [entry] = map(json.loads, log.read_text().splitlines())
    assert entry["level"] == "ERROR"
    assert entry["command"] == ["status"]
    assert "Traceback (most recent call last)" in entry["exc_info"]
    written = datetime.strptime(entry["time"], "%Y-%m-%dT%H:%M:%S%z")
    assert abs((datetime.now(UTC) - written).total_seconds()) < 60


def test_runs_are_in_the_log(data):
    lines = (data / "logs" / "clustering.log").read_text().splitlines()
    [started, ended] = map(json.loads, lines[:2])
    assert (started["message"], ended["message"]) == ("run started", "run ended")
    assert started["tags"] == ["season=spring", "by=anna"]
    assert ended["published"] == current_run(data / "published").name


def test_version_and_help(tmp_path):
    version = clustering("--version", data=tmp_path)
    assert version.stdout.startswith("store-clustering 0.1.0")
    for command in re.findall(
        r"^│ ([a-z-]+)  ", clustering("--help", data=tmp_path).stdout, re.M
    ):
        if not command.startswith("-"):
            assert "Usage:" in clustering(command, "--help", data=tmp_path).stdout


def test_an_environment_of_a_file_of_its_own(data, tmp_path):
    config = tmp_path / "mine.yml"
    config.write_text(f"data_dir: {data}\nvars: {{max_clusters: 3}}\n")
    result = clustering("status", "--config", config, data=tmp_path)
    assert "Environment mine: version 1 is live" in result.stdout
    config.write_text(f"data_dir: {tmp_path / 'none'}\n")
    result = clustering("status", "--config", config, data=tmp_path)
    assert result.stdout.endswith(f"run: clustering run --config {config}\n")


def test_with_less_memory_the_result_is_the_same(data, tmp_path):
    shutil.copytree(data / "raw", tmp_path / "raw")
    clustering("run", *QUICK, "--memory-optimized", data=tmp_path)
    first, second = (current_run(one / "published") for one in (data, tmp_path))
    assert first.run_id == second.run_id
