"""Published runs in a real MLflow, with sqlite, by the command that users call."""

import os
import subprocess
import sys
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow.entities import Run

from clustering.core.paths import PROJECT, Paths
from clustering.store.runs import PublishedRun, current_run
from tests.compose.stack import free_port
from tests.conftest import run_clustering
from tests.dashboard.folders import publish_tables

# MLflow's own, of the SQLAlchemy that Airflow wants
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

Result = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def connections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file that says where the command has connected to."""
    file = tmp_path_factory.mktemp("track") / "connections.txt"
    file.touch()
    return file


@pytest.fixture(scope="module")
def first(small_data: Paths, connections: Path) -> Result:
    """Log the published run."""
    recorded = f"{PROJECT / 'tests' / 'recorded'}{os.pathsep}{PROJECT}"
    return run_clustering(
        "track",
        data=small_data.data,
        PYTHONPATH=recorded,
        CONNECTIONS=str(connections),
    )


@pytest.fixture
def logged(first: Result, small_data: Paths) -> Run:
    """Return what MLflow has of it."""
    [run] = finished(f"sqlite:///{small_data.data}/tracking/mlflow.db")
    return run


def finished(uri: str) -> list[Run]:
    client = mlflow.MlflowClient(uri)
    experiment = client.get_experiment_by_name("store_clustering")
    return client.search_runs(
        [experiment.experiment_id], "attributes.status = 'FINISHED'"
    )


def test_command_says_one_line_and_connects_to_nobody(first, logged, connections):
    assert first.returncode == 0, first.stderr
    assert first.stderr == ""
    assert first.stdout.startswith("logged ")
    assert f"as run {logged.info.run_id} in sqlite:///" in first.stdout
    assert len(first.stdout.splitlines()) == 1
    assert connections.read_text() == ""


def test_settings_are_parameters_and_the_run_is_in_the_tags(
    logged: Run, small_run: PublishedRun
) -> None:
    settings = small_run.read("from run_settings").set_index("name")["value"]
    assert logged.data.params == settings.to_dict()
    assert logged.data.params["bootstrap_resamples"] == "5"
    facts = small_run.read("select run_id, code_version from run").iloc[0].to_dict()
    assert facts | {"published": small_run.name} == {
        name: value
        for name, value in logged.data.tags.items()
        if not name.startswith("mlflow.")
    }
    assert logged.info.run_name == small_run.name


def test_scores_of_every_category_are_metrics(
    logged: Run, small_run: PublishedRun
) -> None:
    wanted = small_run.read(
        "select category, silhouette, cluster_count, retention, internal_k, external_k,"
        " internal_silhouette, external_silhouette,"
        " (select stability from k_selection as k where is_chosen"
        "  and side = 'internal' and k.category = q.category) as internal_stability"
        " from cluster_quality as q"
    ).set_index("category")
    assert len(wanted) == 2
    for (category, score), value in wanted.astype(float).T.unstack().items():
        found = logged.data.metrics.get(f"{score}/{category}")
        assert [found] == ([None] if pd.isna(value) else pytest.approx([value]))


def test_jaccard_is_that_of_the_average_store(
    logged: Run, small_run: PublishedRun
) -> None:
    clusters = small_run.read("from cluster_summary where jaccard is not null")
    assert len(clusters) > 1
    stores = clusters.loc[clusters.index.repeat(clusters["store_count"])]
    wanted = stores.groupby("category")["jaccard"].mean()
    found = {
        name.removeprefix("jaccard/"): value
        for name, value in logged.data.metrics.items()
        if name.startswith("jaccard/")
    }
    assert found == pytest.approx(wanted.to_dict())


@pytest.mark.parametrize("table", ["cluster_quality", "cluster_summary", "k_selection"])
def test_tables_are_artefacts_beside_the_database(
    logged: Run, small_data: Paths, table: str
) -> None:
    folder = Path(logged.info.artifact_uri.removeprefix("file://"))
    assert folder.is_relative_to(small_data.data / "tracking")
    found = pd.read_csv(folder / f"{table}.csv")
    wanted = current_run(small_data.published).read(f"from {table} order by all")
    assert len(found) > 1
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False)


def test_a_run_is_logged_once_and_the_command_says_so(
    logged: Run, small_data: Paths
) -> None:
    again = run_clustering("track", data=small_data.data)
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith("had been logged before: ")
    assert logged.info.run_id in again.stdout
    assert len(finished(f"sqlite:///{small_data.data}/tracking/mlflow.db")) == 1


def test_another_mlflow_gets_a_run_that_was_cut_short_there(
    small_data: Paths, small_run: PublishedRun, tmp_path: Path
) -> None:
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    client = mlflow.MlflowClient(uri)
    experiment = client.create_experiment(
        "store_clustering", artifact_location=(tmp_path / "tables").as_uri()
    )
    client.create_run(experiment, tags={"published": small_run.name})
    result = run_clustering(
        *("track", "--run", small_run.run_id[:8]),
        data=small_data.data,
        MLFLOW_TRACKING_URI=uri,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith(" in MLflow of MLFLOW_TRACKING_URI\n")
    [run] = finished(uri)
    assert run.data.tags["run_id"] == small_run.run_id
    assert {path.name for path in (tmp_path / "tables").rglob("*.csv")} == {
        "cluster_quality.csv",
        "cluster_summary.csv",
        "k_selection.csv",
    }


def test_server_that_does_not_answer_is_one_line(small_data: Paths) -> None:
    result = run_clustering(
        "track",
        data=small_data.data,
        MLFLOW_TRACKING_URI=f"http://127.0.0.1:{free_port()}",
        MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
    )
    assert result.returncode == 1
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: MLflow has not taken ")
    assert "check MLFLOW_TRACKING_URI" in line


def test_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    publish_tables(tmp_path, run=pd.DataFrame({"run_id": ["3f9a"]}))
    (tmp_path / "tracking").touch()
    result = run_clustering("track", data=tmp_path)
    assert result.returncode == 1
    [line] = result.stderr.splitlines()
    assert line == f"Error: cannot write to {tmp_path / 'tracking'}: File exists [E100]"


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("ftp://user:secret@nowhere", "unsupported URI 'MLFLOW_TRACKING_URI'"),
        ("mysql+pymysql://user:secret@127.0.0.1/runs", "No module named 'pymysql'"),
        ("postgresql+none://user:secret@127.0.0.1/runs", "postgresql.none"),
        ("http://[secret", "Invalid IPv6 URL"),
    ],
)
def test_uri_that_mlflow_cannot_use_is_one_line(
    tmp_path: Path, uri: str, says: str
) -> None:
    publish_tables(tmp_path, run=pd.DataFrame({"run_id": ["3f9a"]}))
    result = run_clustering("track", data=tmp_path, MLFLOW_TRACKING_URI=uri)
    assert result.returncode == 1
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: cannot open MLflow: ")
    assert says in line
    assert "secret" not in line


def test_without_mlflow_one_line_says_how_to_install_it(small_data: Paths) -> None:
    script = (
        "import sys; sys.modules['mlflow'] = None; sys.argv = ['clustering', 'track'];"
        "from clustering.cli.main import main; main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"DATA_DIR": str(small_data.data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 3
    assert result.stderr == (
        "Error: tracking needs MLflow, which is not installed; run:"
        " pip install mlflow==3.17.2 [E300]\n"
    )


def test_a_run_that_is_not_there_and_no_run_at_all(
    small_data: Paths, tmp_path: Path
) -> None:
    unknown = run_clustering("track", "--run", "zzz", data=small_data.data)
    assert unknown.returncode == 2
    assert "there are: 2" in unknown.stderr
    nothing = run_clustering("track", data=tmp_path)
    assert nothing.returncode == 1
    assert "nothing is published yet in" in nothing.stderr
    assert len(nothing.stderr.splitlines()) == 1
