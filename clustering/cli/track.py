"""`clustering track`: a published run in MLflow, beside those before it."""

import os
from pathlib import Path

from rich.console import Console

from clustering.cli.options import Config, Env, Run, find_published, read_environment
from clustering.core.errors import CommandError
from clustering.core.paths import Paths

# Of MLflow, which has it in its documentation.
URI = "MLFLOW_TRACKING_URI"


def track(
    run: Run = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Log a published run to MLflow: its settings, scores and tables."""
    from clustering.export.tracking import log_run

    environment = read_environment(env, config)
    found = find_published(environment, run)
    uri, artifacts = _tracking(environment.paths)
    logged = log_run(found, uri=uri, artifacts=artifacts)
    done = "logged" if logged.is_new else "had been logged before:"
    where = uri if artifacts else f"MLflow of {URI}"
    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    console.print(f"{done} {found.name} as run {logged.mlflow_id} in {where}")


def _tracking(paths: Paths) -> tuple[str, Path | None]:
    """Return where runs and, if it is not for MLflow to say, their tables go."""
    # a password may stand in it: it is never shown
    if uri := os.environ.get(URI):
        return uri, None
    folder = paths.data / "tracking"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"cannot write to {folder}: {error.strerror}") from None
    return f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts"
