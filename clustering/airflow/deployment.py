"""What this Airflow runs: which environment, and which state of the dbt project."""

import os
from pathlib import Path

from clustering.core.environments import Environment


def environment() -> Environment:
    """Return the environment whose schedules are in force: CLUSTERING_ENV, or dev."""
    return Environment.read(os.environ.get("CLUSTERING_ENV") or "dev")


def docs_folder() -> Path:
    """Return the folder of what dbt wrote at deployment: its docs, and the manifest."""
    return Path(os.environ["AIRFLOW_HOME"]) / "dbt"


def manifest_file() -> Path:
    """Return the manifest that the DAGs are made from."""
    return docs_folder() / "manifest.json"
