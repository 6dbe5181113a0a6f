"""Log published runs to MLflow, so that settings and scores can be compared."""

import logging
import os
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from clustering.core.errors import CommandError
from clustering.core.extras import not_installed
from clustering.queries import clusters, overview
from clustering.store.runs import PublishedRun

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "store_clustering"
# Of a parameter's value, in MLflow.
MOST_CHARACTERS = 6000
TABLES = ("cluster_quality", "cluster_summary", "k_selection")


@dataclass(frozen=True)
class Logged:
    """What became of a run.

    Parameters
    ----------
    mlflow_id : str
        Of the run in MLflow.
    is_new : bool
        False where it was logged before.
    """

    mlflow_id: str
    is_new: bool


def log_run(run: PublishedRun, *, uri: str, artifacts: Path | None = None) -> Logged:
    """Log a published run to MLflow, unless it is there.

    Parameters
    ----------
    run : PublishedRun
        Its settings become parameters, the scores of its categories metrics.
    uri : str
        Where MLflow keeps runs: a database or a server.
    artifacts : Path, optional
        Folder for the tables of a new experiment; MLflow's choice where none is given.

    Raises
    ------
    SettingsError
        If MLflow is not installed.
    CommandError
        If MLflow cannot be reached or refuses.
    """
    client = _connect(uri)
    from mlflow.exceptions import MlflowException

    try:
        experiment = _experiment(client, artifacts)
        there = _find(client, experiment, run)
        return Logged(there or _log(client, experiment, run), is_new=not there)
    except MlflowException as error:
        raise _refused(f"MLflow has not taken {run.name}", error, uri=uri) from None


def metric_names(categories: Iterable[str]) -> dict[str, str]:
    """Name each category by what MLflow allows in names, no two alike.

    >>> metric_names(["GIN", "RTD & WINE", "RTD + WINE"])
    {'GIN': 'GIN', 'RTD & WINE': 'RTD _ WINE', 'RTD + WINE': 'RTD _ WINE 2'}
    """
    names: dict[str, str] = {}
    for category in categories:
        plain = re.sub(r"[^\w .:-]", "_", category)[:200]
        name, number = plain, 1
        while name in names.values():
            number += 1
            name = f"{plain} {number}"
        names[category] = name
    return names


def _connect(uri: str) -> "MlflowClient":
    """Return a client that says nothing and reports nothing."""
    _import_mlflow()
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return MlflowClient(uri)
    # what is no address, or a database without its driver
    except (MlflowException, SQLAlchemyError, ImportError, ValueError) as error:
        raise _refused("cannot open MLflow", error, uri=uri) from None


def _refused(what: str, error: Exception, *, uri: str) -> CommandError:
    # a password may stand in it
    says = str(error).replace(uri, "MLFLOW_TRACKING_URI").strip().splitlines()[0]
    return CommandError(
        f"{what}: {says}; check MLFLOW_TRACKING_URI, then run: clustering track"
    )


def _import_mlflow() -> None:
    # read when MLflow is imported
    os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    # minutes, if left to MLflow
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import mlflow  # noqa: F401 imported here for what it warns of
        except ModuleNotFoundError as error:
            if error.name != "mlflow":
                raise
            raise not_installed(
                "tracking",
                "MLflow",
                extra="tracking",
                in_checkout="pip install mlflow==3.17.2",
            ) from None


def _experiment(client: "MlflowClient", artifacts: Path | None) -> str:
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is not None:
        return experiment.experiment_id
    return client.create_experiment(
        EXPERIMENT, artifact_location=artifacts.as_uri() if artifacts else None
    )


def _find(client: "MlflowClient", experiment: str, run: PublishedRun) -> str | None:
    """Return the run of that name; one that was cut short is not FINISHED."""
    found = client.search_runs(
        [experiment],
        f"tags.published = '{run.name}' and attributes.status = 'FINISHED'",
    )
    return found[0].info.run_id if found else None


def _log(client: "MlflowClient", experiment: str, run: PublishedRun) -> str:
    mlflow_id = client.create_run(
        experiment,
        start_time=_milliseconds(run),
        run_name=run.name,
        tags=_tags(run),
    ).info.run_id
    _log_numbers(client, mlflow_id, run)
    for table in TABLES:
        text = overview.table(run, table).to_csv(index=False)
        client.log_text(mlflow_id, text, f"{table}.csv")
    client.set_terminated(mlflow_id)
    return mlflow_id


def _milliseconds(run: PublishedRun) -> int:
    return int(run.built_at.timestamp() * 1000)


def _tags(run: PublishedRun) -> dict[str, str]:
    facts = overview.provenance(run)[["run_id", "code_version"]]
    return {"published": run.name} | {name: str(fact) for name, fact in facts.items()}


def _log_numbers(client: "MlflowClient", mlflow_id: str, run: PublishedRun) -> None:
    from mlflow.entities import Metric, Param

    settings = overview.settings(run)[["name", "value"]]
    parameters = [
        Param(name, str(value)[:MOST_CHARACTERS])
        for name, value in settings.itertuples(index=False)
    ]
    metrics = [
        Metric(name, value, timestamp=_milliseconds(run), step=0)
        for name, value in _scores(run).items()
    ]
    client.log_batch(mlflow_id, params=parameters, metrics=metrics)


def _scores(run: PublishedRun) -> dict[str, float]:
    """Return the scores of every category; MLflow draws those of one kind together."""
    scores = clusters.scores(run)
    names = metric_names(scores["category"])
    return {
        f"{score}/{names[category]}": float(value)
        for score in scores.columns.drop("category")
        for category, value in zip(scores["category"], scores[score], strict=True)
        if pd.notna(value)
    }
