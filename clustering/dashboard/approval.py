"""Whether versions can be approved in this dashboard, and the command for it.

It takes decisions where it answers this machine alone or has an identity provider, and
elsewhere only with ``--approval``; always of those alone who have logged in, see
:mod:`clustering.dashboard.login`. The server passes that on to the pages in the
environment.
"""

import ipaddress
import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from clustering.core.errors import ArgumentError
from clustering.store.publish import approve, reject
from clustering.store.runs import RUNS
from clustering.store.versions import Version

ALLOWED = "DASHBOARD_APPROVAL"
POSTGRES = "PUBLISH_POSTGRES_DSN"
OPTIONS = "DASHBOARD_COMMAND_OPTIONS"


@dataclass(frozen=True)
class Approval:
    """What the dashboard may do about versions.

    Parameters
    ----------
    is_allowed : bool
        Whether versions can be approved and rejected in the dashboard.
    postgres : SecretStr or None
        Connection string of the database that gets an approved version too.
    options : str
        Options with which the command means the same versions, such as ``--env prod``.
    """

    is_allowed: bool = False
    postgres: SecretStr | None = None
    options: str = ""

    @classmethod
    def from_environment(cls) -> "Approval":
        """Return what the server passed on."""
        dsn = os.environ.get(POSTGRES)
        return cls(
            is_allowed=os.environ.get(ALLOWED) == "on",
            postgres=SecretStr(dsn) if dsn else None,
            options=os.environ.get(OPTIONS, ""),
        )

    def find_obstacle(self, published: Path) -> str | None:
        """Return why nothing can be decided here; None if it can."""
        if not self.is_allowed:
            return "Approving is turned off in this dashboard"
        folders = (published, published / RUNS)
        if not all(os.access(folder, os.W_OK) for folder in folders):
            return f"This dashboard cannot write to `{published}`"
        return None

    def approve(self, run: str, published: Path, *, by: str, reason: str) -> Version:
        """Make a version live, as ``clustering approve`` does.

        Raises
        ------
        ArgumentError
            If ``by`` is empty, or the run is no longer kept.
        PipelineError
            If it cannot be published; see :func:`clustering.store.publish.approve`.
        """
        return approve(
            run, published, by=_who(by), reason=reason.strip(), postgres=self.postgres
        )

    def reject(self, run: str, published: Path, *, by: str, reason: str) -> Version:
        """Reject a version, as ``clustering reject`` does.

        Raises
        ------
        ArgumentError
            If ``by`` or ``reason`` is empty, or the run is no longer kept.
        """
        who = _who(by)
        if not reason.strip():
            raise ArgumentError("enter a reason: it is kept with the decision")
        return reject(run, published, by=who, reason=reason.strip())

    def command(self, verb: str, run: str) -> str:
        """Return the command that approves or rejects ``run``.

        >>> Approval(options="--env prod").command("approve", "20261121T12")
        "clustering approve 20261121T12 --reason 'WHY' --env prod"
        """
        command = f"clustering {verb} {shlex.quote(run)} --reason 'WHY'"
        return f"{command} {self.options}".strip()


def _who(by: str) -> str:
    if not by.strip():
        raise ArgumentError("enter your name: it is kept with the decision")
    return by.strip()


def is_local(address: str) -> bool:
    """Return whether only this machine is answered at ``address``.

    >>> is_local("127.0.0.1"), is_local("localhost"), is_local("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
