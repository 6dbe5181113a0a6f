"""`clustering ui`: Airflow on this machine."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from clustering.cli.options import Env
from clustering.core.environments import DEFAULT
from clustering.core.extras import not_installed
from clustering.core.paths import PROJECT


def ui(
    port: Annotated[
        int, typer.Option(help="Port of this machine.", min=1, max=65535)
    ] = 8080,
    env: Env = None,
) -> None:
    """Run the pipeline by schedule and by new files, with a UI: Airflow."""
    try:
        import airflow  # noqa: F401 what runs it
    except ModuleNotFoundError:
        raise not_installed(
            "the UI", "Airflow", extra="airflow", in_checkout="make airflow"
        ) from None
    command = [sys.executable, "-m", "clustering.airflow.local", "--port", str(port)]
    variables = os.environ | {
        "CLUSTERING_ENV": env or DEFAULT,
        "CLUSTERING_PROJECT": str(PROJECT),
    }
    try:
        done = subprocess.run(command, cwd=PROJECT, env=variables, check=False)
    except KeyboardInterrupt:  # it has stopped too, and said so
        return
    raise typer.Exit(done.returncode)
