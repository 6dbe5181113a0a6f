"""A PostgreSQL server for tests: started on a free port, stopped by its pid."""

import os
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Where Debian's package postgresql puts the server's programs.
PROGRAMS = "/usr/lib/postgresql/*/bin"
# PostgreSQL refuses to run as root; the package makes this user.
OWNER = "postgres"


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server on 127.0.0.1 with a new folder of its own; give its URL.

    The folder is none of pytest's: these are closed to all users but its own.
    """
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, OWNER)
        data, log, port = f"{folder}/data", f"{folder}/log", free_port()
        _run("initdb", "--auth=trust", "--username=admin", "--no-sync", "-D", data)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        _run("pg_ctl", "start", "-w", "-D", data, "-l", log, "-o", options)
        try:
            yield f"postgresql://admin@127.0.0.1:{port}/postgres"
        finally:
            _run("pg_ctl", "stop", "-m", "immediate", "-D", data)


def restart(data: Path) -> None:
    """Start a server again that was stopped, with the options that it had."""
    _, *options = shlex.split((data / "postmaster.opts").read_text())
    given = " ".join(one for one in options if one not in ("-D", str(data)))
    log = str(data.parent / "log")
    _run("pg_ctl", "start", "-w", "-D", str(data), "-l", log, "-o", given)


def program(name: str) -> str:
    """Return the path of one of the server's programs."""
    found = shutil.which(name, path=os.environ["PATH"])
    if found:
        return found
    installed = sorted(Path("/").glob(f"{PROGRAMS.removeprefix('/')}/{name}"))
    assert installed, f"no {name} here: install Debian's package postgresql"
    return str(installed[-1])


def _run(name: str, *arguments: str) -> None:
    as_owner = ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups"]
    command = [program(name), *arguments]
    done = subprocess.run(
        [*as_owner, *command] if os.geteuid() == 0 else command,
        # the server keeps what it inherits: no pipe that would never end
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, f"{name} failed"


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]
