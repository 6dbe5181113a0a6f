"""`clustering dashboard`: the pages over published runs."""

from typing import Annotated

import typer

from cli.errors import SettingsError


def dashboard(
    port: Annotated[int, typer.Option(help="Port of this machine, 1 to 65535.")] = 8501,
) -> None:
    """Show published clusters in the browser, on this machine alone."""
    try:
        import streamlit  # noqa: F401 what the server is made with
    except ModuleNotFoundError:
        raise SettingsError(
            "the dashboard needs streamlit, which is not installed; run: make dashboard"
        ) from None
    from dashboard.serve import serve

    serve(port=port)
