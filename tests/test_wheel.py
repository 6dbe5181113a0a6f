"""The wheel alone, installed into an empty environment, makes a project and runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clustering.store.runs import current_run
from tests.conftest import PROJECT, UNSET

UV = Path(sys.executable).with_name("uv")
LOCK = PROJECT / "locks" / "run.txt"


def run(command: list, *, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with no variable of this project."""
    unset = {*UNSET, "DATA_DIR", "DBT_TARGET_PATH", "CLUSTERING_PROJECT", "PYTHONPATH"}
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    return subprocess.run(
        command, cwd=folder, env=kept, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def clustering(tmp_path_factory) -> Path:
    """Return the command of a wheel that was built here and installed elsewhere."""
    folder = tmp_path_factory.mktemp("wheel")
    python = folder / "venv" / "bin" / "python"
    install = [UV, "pip", "install", "--python", python]
    for command in (
        [UV, "build", "--wheel", "--out-dir", folder, PROJECT],
        [UV, "venv", "--python", sys.executable, folder / "venv"],
        [*install, "--require-hashes", "-r", LOCK],
    ):
        done = run(command, folder=folder)
        assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    done = run([*install, "--no-deps", wheel], folder=folder)
    assert done.returncode == 0, done.stderr
    return python.with_name("clustering")


def test_it_makes_a_project_and_shows_clusters_in_it(clustering, tmp_path):
    folder = tmp_path / "shop"
    made = run([clustering, "init", "shop"], folder=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert "configs, dags, dbt_project" in made.stdout
    seen = run([clustering, "minimal"], folder=folder)
    assert (seen.returncode, seen.stderr) == (0, "")
    assert "Clusters per category" in seen.stdout
    assert "  clustering show CATEGORY " in seen.stdout
    published = folder / "data" / "minimal" / "published"
    assert current_run(published) is not None
    assert (published / "store_clusters.parquet").exists()
    assert not (folder / "data" / "published").exists()
    raw = folder / "data" / "minimal" / "raw"
    data = ["env", f"DATA_DIR={folder / 'data' / 'minimal'}", clustering]
    assigned = run([*data, "assign", raw, "--format", "csv"], folder=folder)
    assert assigned.returncode == 0, assigned.stderr
    assert assigned.stdout.startswith("store_id,category,cluster_id,")
    exported = run([*data, "export", "--format", "csv"], folder=folder)
    assert exported.returncode == 0, exported.stderr
    below = run([clustering, "list-jobs"], folder=folder / "dbt_project")
    assert "full_pipeline" in below.stdout


@pytest.mark.long
def test_stores_are_assigned_alike_with_another_scikit_learn(
    clustering, small_data, small_folder, tmp_path
):
    python = clustering.with_name("python")
    command = ["env", f"DATA_DIR={small_data.data}", f"CLUSTERING_PROJECT={PROJECT}"]
    command += [clustering, "assign", small_folder, "--format", "csv"]
    install = [UV, "pip", "install", "--python", python]
    found = []
    for version in ("scikit-learn==1.8.*", "scikit-learn==1.9.*"):
        done = run([*install, version], folder=tmp_path)
        assert done.returncode == 0, done.stderr
        found.append(run(command, folder=tmp_path))
        assert found[-1].returncode == 0, found[-1].stderr
    assert found[0].stdout == found[1].stdout
    assert len(found[0].stdout.splitlines()) > 80


def test_without_a_project_it_says_how_to_make_one(clustering, tmp_path):
    found = run([clustering, "status"], folder=tmp_path)
    assert found.returncode == 3
    assert found.stderr == (
        f"Error: there is no project in {tmp_path} or above it; make one here:"
        " clustering init, or say where it is: CLUSTERING_PROJECT [E300]\n"
    )
    assert run([clustering, "run", "--help"], folder=tmp_path).returncode == 0
    assert run([clustering, "--version"], folder=tmp_path).stdout == (
        "store-clustering 0.1.0\n"
    )
    (tmp_path / "file").touch()
    refused = run([clustering, "init", "file"], folder=tmp_path)
    assert refused.stderr == (
        f"Error: {tmp_path / 'file'} is a file, expected a folder [E100]\n"
    )


def test_what_is_not_installed_is_named_with_the_extra_that_brings_it(
    clustering, tmp_path
):
    assert run([clustering, "init"], folder=tmp_path).returncode == 0
    refused = run([clustering, "dashboard"], folder=tmp_path)
    assert refused.returncode == 3
    assert refused.stderr == (
        "Error: the dashboard needs streamlit, which is not installed; run:"
        " pip install 'store-clustering[dashboard]' [E300]\n"
    )


def test_a_project_that_is_there_is_not_touched(clustering, tmp_path):
    kept = tmp_path / "dbt_project" / "seeds.csv"
    kept.parent.mkdir()
    kept.write_text("mine")
    refused = run([clustering, "init"], folder=tmp_path)
    assert refused.returncode == 1
    assert "has dbt_project already, and nothing was changed" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["dbt_project"]
    assert kept.read_text() == "mine"
