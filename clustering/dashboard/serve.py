"""Run the dashboard: ``clustering dashboard`` and ``make dashboard``.

    python -m clustering.dashboard.serve [--port 8501] [--address 127.0.0.1]
        [--[no-]approval] [--host NAME ...]

Published runs are read from DATA_DIR/published. No request leaves the machine, and only
this machine is answered unless another address is given. Versions can be approved by
who logs in (:mod:`clustering.dashboard.login`), unless others are answered and there is
no identity provider; PUBLISH_POSTGRES_DSN says which database gets these as well.
Other options of Streamlit are in ``.streamlit/config.toml`` beside ``app.py``.
"""

import argparse
import os
import socket
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import typer
from streamlit.web import cli as streamlit

from clustering.core.errors import ArgumentError
from clustering.dashboard.approval import ALLOWED, is_local
from clustering.dashboard.login import has_provider, make_token

APP = Path(__file__).with_name("app.py")
GUARDED = APP.with_name("guard.py")
# Names that the guard answers to, separated by commas; empty: any.
HOSTS = "DASHBOARD_HOSTS"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
PORT = 8501
LAST_PORT = 65535
ADDRESS = "127.0.0.1"
# The first reader would wait for them.
SLOW_IMPORTS = ("altair", "duckdb", "pandas")


def main() -> None:
    """Run the dashboard with the options of the command line."""
    parser = argparse.ArgumentParser(description="Run the dashboard.")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--address", default=ADDRESS)
    parser.add_argument("--approval", action=argparse.BooleanOptionalAction)
    parser.add_argument("--host", action="append", default=[], dest="hosts")
    arguments = parser.parse_args()
    try:
        serve(
            port=arguments.port,
            address=arguments.address,
            approval=arguments.approval,
            hosts=arguments.hosts,
        )
    except ArgumentError as error:
        parser.error(str(error))


def serve(
    *,
    port: int = PORT,
    address: str = ADDRESS,
    approval: bool | None = None,
    hosts: Sequence[str] = (),
) -> None:
    """Answer browsers until the process is ended.

    Parameters
    ----------
    port : int
        TCP port, 1 to 65535.
    address : str
        Address to listen on; 0.0.0.0 answers other machines too.
    approval : bool or None
        Whether versions can be approved and rejected by who logs in; if None, where
        there is an identity provider, or only this machine is answered.
    hosts : sequence of str
        Names that it answers to besides this machine's own, such as that of a proxy
        before it; with another address and no names, it answers to any.

    Raises
    ------
    ArgumentError
        If the port is taken, or invalid; or if DASHBOARD_TOKEN is too short.
    """
    _check_free(port, address=address)
    is_private = is_local(address) and not hosts
    is_allowed = is_private or has_provider() if approval is None else approval
    os.environ[ALLOWED] = "on" if is_allowed else "off"
    if is_allowed and not has_provider() and (token := make_token()):
        typer.echo(f"To approve, reject or correct, log in on the page: {token}")
    names = [*LOCAL_HOSTS, address, *hosts] if is_local(address) or hosts else []
    os.environ[HOSTS] = ",".join(names)
    for library in SLOW_IMPORTS:
        import_module(library)
    place = [f"--server.port={port}", f"--server.address={address}"]
    streamlit.main(["run", str(GUARDED), *place])


def _check_free(port: int, *, address: str) -> None:
    if not 1 <= port <= LAST_PORT:
        raise ArgumentError(f"got --port {port}, expected 1 to {LAST_PORT}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            other = port + 1 if port < LAST_PORT else PORT
            raise ArgumentError(
                f"cannot listen on port {port} of {address}: {error.strerror};"
                f" choose another one: --port {other}"
            ) from None


if __name__ == "__main__":
    main()
