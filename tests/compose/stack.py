"""A stack of containers of one test run, from a clean clone."""

import json
import os
import shlex
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE = shlex.split(os.environ.get("COMPOSE", "docker compose"))
ENGINE = "podman" if "podman" in COMPOSE[0] else "docker"

T = TypeVar("T")


@dataclass(frozen=True)
class Stack:
    """A clone, and the containers that are started from it.

    Parameters
    ----------
    folder : Path
        The clone.
    name : str
        Name of the compose project.
    """

    folder: Path
    name: str

    @classmethod
    def clone(cls, folder: Path) -> "Stack":
        """Clone this checkout's HEAD, and make a .env as a user does."""
        _run(["git", "clone", "--quiet", str(PROJECT), str(folder)], cwd=PROJECT)
        stack = cls(folder, f"store-clustering-test-{os.getpid()}")
        stack.make(".env")
        with stack.env_file.open("a") as file:
            file.writelines(
                f"{name}={value}\n"
                for name, value in {
                    "COMPOSE_PROJECT_NAME": stack.name,
                    "CLUSTERING_IMAGE": "store-clustering-test",
                    "AIRFLOW_PORT": free_port(),
                    "DOCS_PORT": free_port(),
                    "DASHBOARD_PORT": free_port(),
                    "POSTGRES_PORT": free_port(),
                }.items()
            )
        return stack

    @property
    def env_file(self) -> Path:
        """The clone's .env."""
        return self.folder / ".env"

    @property
    def settings(self) -> dict[str, str]:
        """What .env sets."""
        lines = self.env_file.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if line and line[0] != "#")

    def make(self, target: str) -> str:
        """Run a target of the clone's Makefile."""
        command = ["make", target, f"COMPOSE={shlex.join(COMPOSE)}"]
        return _run([*command, f"PYTHON={sys.executable}"], cwd=self.folder).decode()

    def compose(self, *command: str) -> bytes:
        """Run a command of compose in the clone; return what it prints."""
        return _run([*COMPOSE, *command], cwd=self.folder)

    def execute(self, service: str, *command: str) -> bytes:
        """Run a command in the container of a service."""
        return self.compose("exec", "-T", service, *command)

    def down(self) -> None:
        """Stop and remove everything, volumes too."""
        self.compose("down", "--volumes")

    def container(self, service: str) -> str:
        """Return the id of a service's container."""
        label = f"--filter=label=com.docker.compose.service={service}"
        (container,) = self.things("ps", "--all", label)
        return container

    def things(self, *command: str) -> list[str]:
        """Return the ids of this project's containers, volumes or networks."""
        label = f"--filter=label=com.docker.compose.project={self.name}"
        listed = _run([ENGINE, *command, "--quiet", label], cwd=self.folder)
        return listed.decode().split()

    def is_healthy(self, service: str) -> bool:
        """Whether the health check of a service passes."""
        if ENGINE == "podman":  # its timers need systemd, which not every machine has
            check = [ENGINE, "healthcheck", "run", self.container(service)]
            done = subprocess.run(check, capture_output=True, check=False)
            return done.returncode == 0
        return self.inspect(service, ".State.Health.Status") == "healthy"

    def inspect(self, service: str, item: str) -> str:
        """Return what the engine knows of a service's container."""
        template = f"--format={{{{{item}}}}}"
        command = [ENGINE, "inspect", template, self.container(service)]
        return _run(command, cwd=self.folder).decode().strip()

    def url(self, path: str, *, port: str = "AIRFLOW_PORT") -> str:
        """Return where a path of the API, or of another service's port, is."""
        return f"http://localhost:{self.settings[port]}{path}"

    def log_in(self) -> str:
        """Return a token of the API for the user of .env."""
        body = {"username": "admin", "password": self.settings["AIRFLOW_PASSWORD"]}
        return fetch(self.url("/auth/token"), body=body)["access_token"]


def fetch(url: str, *, token: str | None = None, body: object = None) -> Any:
    """Get JSON, or post it."""
    request = urllib.request.Request(url, headers={"Content-Type": "application/json"})
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(request, data=data, timeout=30) as answer:
        return json.load(answer)


def wait_for(look: Callable[[], T | None], *, seconds: float) -> T:
    """Look every second until there is something; fail when the time is over."""
    until, wrong = time.monotonic() + seconds, None
    while time.monotonic() < until:
        try:
            if found := look():
                return found
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            wrong = error
        time.sleep(1)
    raise AssertionError(f"not within {seconds} s; last error: {wrong}")


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def outward_address() -> str:
    """Return the address by which others reach this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # of documentation; nothing is sent
        return probe.getsockname()[0]


def _run(command: list[str], *, cwd: Path) -> bytes:
    done = subprocess.run(
        command, cwd=cwd, env=environment(), capture_output=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[-5000:]
    return done.stdout


def environment() -> dict[str, str]:
    """Return this environment without what a .env sets: .env is to count."""
    lines = (PROJECT / ".env.example").read_text().splitlines()
    names = {line.removeprefix("# ").split("=")[0] for line in lines if "=" in line}
    names -= {"PYTHON_IMAGE", "POSTGRES_IMAGE"}
    return {name: value for name, value in os.environ.items() if name not in names}
