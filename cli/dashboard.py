"""`clustering dashboard`: the pages over published runs."""

import os
from typing import Annotated

import typer

from cli.errors import SettingsError
from cli.options import Config, Env, read_environment


def dashboard(
    port: Annotated[int, typer.Option(help="Port of this machine, 1 to 65535.")] = 8501,
    env: Env = None,
    config: Config = None,
) -> None:
    """Show published clusters in the browser, on this machine alone."""
    paths = read_environment(env, config).paths
    try:
        import streamlit  # noqa: F401 what the server is made with
    except ModuleNotFoundError:
        raise SettingsError(
            "the dashboard needs streamlit, which is not installed; run: make dashboard"
        ) from None
    from dashboard.serve import serve

    os.environ |= paths.variables  # where the pages find published runs
    serve(port=port)
