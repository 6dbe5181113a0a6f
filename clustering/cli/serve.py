"""`clustering dashboard`, `ui` and `mcp`: for browsers, Airflow and assistants."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from clustering.cli.options import Config, Env, read_environment
from clustering.core.environments import DEFAULT
from clustering.core.extras import not_installed
from clustering.core.paths import PROJECT


def dashboard(
    port: Annotated[int, typer.Option(help="Port of this machine, 1 to 65535.")] = 8501,
    address: Annotated[
        str,
        typer.Option(help="Address to listen on; 0.0.0.0 for other machines too."),
    ] = "127.0.0.1",
    approval: Annotated[
        bool | None,
        typer.Option(
            "--approval/--no-approval",
            help="Whether versions can be approved and rejected there, after a login;"
            " by default, only if no other machine reaches it, or there is an identity"
            " provider.",
        ),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(
            help="A name that it answers to besides localhost, such as that of a proxy"
            " before it; may be repeated."
        ),
    ] = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Show published clusters in the browser, on this machine by default."""
    environment = read_environment(env, config)
    try:
        import streamlit  # noqa: F401 what the server is made with
    except ModuleNotFoundError:
        raise not_installed(
            "the dashboard",
            "streamlit",
            extra="dashboard",
            in_checkout="make dashboard",
        ) from None
    from clustering.dashboard.approval import OPTIONS, POSTGRES
    from clustering.dashboard.login import APPROVERS
    from clustering.dashboard.serve import serve

    os.environ |= environment.paths.variables  # where the pages find published runs
    postgres = environment.publishing.postgres
    os.environ[POSTGRES] = postgres.get_secret_value() if postgres else ""
    os.environ[OPTIONS] = environment.options
    os.environ[APPROVERS] = ",".join(environment.approval.approvers)
    serve(port=port, address=address, approval=approval, hosts=host or [])


def ui(
    port: Annotated[
        int, typer.Option(help="Port of this machine.", min=1, max=65535)
    ] = 8080,
    env: Env = None,
) -> None:
    """Start Airflow: runs on a schedule and when new files arrive, with a UI."""
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


def mcp(env: Env = None, config: Config = None) -> None:
    """Answer an assistant's questions about published clusters; it starts this itself.

    Speaks the Model Context Protocol over standard input and output, and only reads.
    """
    environment = read_environment(env, config)
    try:
        from clustering.mcp.server import make_server
    except ModuleNotFoundError:
        raise not_installed(
            "clustering mcp", "mcp", extra="mcp", in_checkout="make .venv/mcp"
        ) from None
    make_server(environment.paths.published).run("stdio")
