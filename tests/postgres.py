"""A PostgreSQL server of the tests' own: started on a free port, ended by its pid."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Where Debian's package postgresql puts the server's programs.
PROGRAMS = "/usr/lib/postgresql/*/bin"
# PostgreSQL refuses to run as root; the package makes this user.
OWNER = "postgres"


@contextmanager
def postgres_in(folder: Path) -> Iterator[str]:
    """Start a server on 127.0.0.1 with its data in ``folder``; give its URL."""
    data, port = folder / "data", _free_port()
    data.mkdir(parents=True)
    _own(folder)
    _run("initdb", "--auth=trust", "--username=admin", "--no-sync", "-D", str(data))
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    log = str(folder / "log")
    _run("pg_ctl", "start", "-w", "-D", str(data), "-l", log, "-o", options)
    try:
        yield f"postgresql://admin@127.0.0.1:{port}/postgres"
    finally:
        _run("pg_ctl", "stop", "-m", "immediate", "-D", str(data))


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


def _own(folder: Path) -> None:
    """Let the server's user reach the folder below pytest's, which are private."""
    if os.geteuid() != 0:
        return
    for path in [folder, *folder.iterdir()]:
        shutil.chown(path, OWNER)
    for parent in folder.parents:
        if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]
