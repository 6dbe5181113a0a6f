"""The files for CI servers: every command in them exists."""

import re
import subprocess

import pytest
import yaml

from clustering.core.environments import environment_names
from clustering.core.paths import PROJECT
from tests.conftest import run_clustering

FILES = (".github/workflows/pipeline.yml", ".gitlab-ci.yml")
GITHUB, GITLAB = (yaml.safe_load((PROJECT / file).read_text()) for file in FILES)


def github_commands() -> list[str]:
    jobs = GITHUB["jobs"].values()
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


def gitlab_commands() -> list[str]:
    jobs = [job for job in GITLAB.values() if isinstance(job, dict)]
    return [
        line
        for job in jobs
        for key in ("before_script", "script")
        for line in job.get(key, [])
    ]


@pytest.mark.parametrize("commands", [github_commands, gitlab_commands])
def test_every_target_of_make_is_there(commands):
    targets = re.findall(r"make (\S+)", " ".join(commands()))
    assert {"lint", "test", "demo", "up"} <= set(targets)
    for target in targets:
        asked = ["make", "--dry-run", "--quiet", target]
        subprocess.run(asked, cwd=PROJECT, check=True, capture_output=True)


def test_every_environment_is_checked_and_can_be(tmp_path):
    checked = GITHUB["jobs"]["validate"]["strategy"]["matrix"]["environment"]
    [gitlab] = GITLAB["validate"]["parallel"]["matrix"]
    assert sorted(checked) == sorted(gitlab["ENVIRONMENT"]) == environment_names()
    for name in checked:
        result = run_clustering(
            "validate",
            "--only-config",
            "--env",
            name,
            data=tmp_path,
            STAGING_DATA_DIR=str(tmp_path),
            PROD_DATA_DIR=str(tmp_path),
        )
        assert result.returncode == 0, result.stderr
        assert result.stdout == f"configuration {name}: good\n"


def test_each_environment_is_deployed_from_where_it_should():
    assert "tags/v" in GITHUB["jobs"]["deploy-prod"]["if"]
    for name in ("deploy-dev", "deploy-staging"):
        assert "github.ref == 'refs/heads/main'" in GITHUB["jobs"][name]["if"]
    by_hand = {
        name: [(rule["if"], rule.get("when")) for rule in GITLAB[name]["rules"]]
        for name in ("deploy-dev", "deploy-staging", "deploy-prod")
    }
    assert by_hand == {
        "deploy-dev": [('$CI_COMMIT_BRANCH == "main"', None)],
        "deploy-staging": [('$CI_COMMIT_BRANCH == "main"', "manual")],
        "deploy-prod": [(r"$CI_COMMIT_TAG =~ /^v\d+\.\d+\.\d+$/", "manual")],
    }
    for jobs in (GITHUB["jobs"], GITLAB):
        assert {f"deploy-{name}" for name in environment_names()} <= set(jobs)


def test_only_trusted_code_runs_on_servers_and_no_credentials_stay():
    for name, job in GITHUB["jobs"].items():
        is_server = "self-hosted" in job["runs-on"]
        assert is_server == name.startswith("deploy-")
        assert not is_server or "github.event_name" in job["if"]
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False
    assert GITHUB["permissions"] == {"contents": "read"}


def test_files_have_no_address():
    for file in FILES:
        assert "://" not in (PROJECT / file).read_text()


def test_each_service_has_its_own_secrets_and_what_reads_cannot_write():
    services = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
    knows = {
        name: {
            secret
            for secret in ("POSTGRES_PASSWORD", "PUBLISHER_PASSWORD")
            if f"${{{secret}" in str(service["environment"])
        }
        for name, service in services.items()
        if "environment" in service
    }
    assert {name for name, own in knows.items() if "POSTGRES_PASSWORD" in own} == {
        "postgres",
        "airflow-init",
    }
    assert {name for name, own in knows.items() if "PUBLISHER_PASSWORD" in own} == {
        "airflow-init",
        "scheduler",
    }
    assert not [one for one in services.values() if ".env" in one.get("env_file", [])]
    for name in ("docs", "dashboard"):
        assert "env_file" not in services[name]
        mounts = services[name].get("volumes", [])
        assert all(mount.endswith(":ro") for mount in mounts)
        assert "PASSWORD" not in str(services[name].get("environment", ""))
