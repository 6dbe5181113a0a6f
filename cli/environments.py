"""The environments of configs/: each a set of vars, a data folder and schedules."""

import os
import re
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cli.errors import SettingsError
from cli.paths import PROJECT, Paths
from cli.settings import declared_vars, nearest

CONFIGS = PROJECT / "configs"
REFERENCE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")

Seconds = Annotated[float, Field(gt=0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Schedules(_Section):
    """When the jobs run by themselves: cron in UTC, or null for never."""

    internal: str | None = None
    external: str | None = None
    full: str | None = None


class Arrivals(_Section):
    """How new files in the raw folders start a run."""

    enabled: bool = True
    seconds_between_looks: Seconds = 15
    seconds_stable: Seconds = 60


class Alerts(_Section):
    """Whom to tell, and from what on published clusters are worth a warning."""

    mail_to: list[str] = []
    min_retention: Annotated[float, Field(ge=0, le=1)] = 0.7
    max_quarantined_share: Annotated[float, Field(ge=0, le=1)] = 0.02
    max_days_since_last_sale: Annotated[int, Field(gt=0)] | None = None

    @field_validator("mail_to")
    @classmethod
    def _split_addresses(cls, value: list[str]) -> list[str]:
        """Split at commas: a variable may name several people, or nobody."""
        addresses = [one.strip() for entry in value for one in entry.split(",")]
        for address in filter(None, addresses):
            if not ADDRESS.fullmatch(address):
                raise ValueError(f"got {address!r}, expected a mail address")
        return [address for address in addresses if address]


class Publishing(_Section):
    """What readers get, beside the files in published/."""

    keep_runs: Annotated[int, Field(ge=1)] = 10
    postgres: str | None = None


class Environment(_Section):
    """One file of configs/."""

    name: str
    data_dir: Path
    publishing: Publishing = Publishing()
    schedules: Schedules = Schedules()
    arrivals: Arrivals = Arrivals()
    alerts: Alerts = Alerts()
    vars: dict[str, object] = {}

    @field_validator("vars")
    @classmethod
    def _check_names(cls, value: dict[str, object]) -> dict[str, object]:
        for name in value:
            if name not in (known := declared_vars()):
                raise ValueError(f"no setting {name!r}; {nearest(name, known)}")
        return value

    @classmethod
    def read(cls, name: str) -> Self:
        """Read configs/``name``.yml; ${NAME:-default} is the environment's variable.

        Raises
        ------
        SettingsError
            If there is no such file, or something in it cannot be.
        """
        file = CONFIGS / f"{name}.yml"
        if name not in environment_names():
            there = ", ".join(environment_names())
            raise SettingsError(
                f"no environment {name!r} in configs; there are: {there}"
            )
        try:
            return cls.model_validate({"name": name, **_load(file)})
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise SettingsError(f"{file.name}: {where}: {first['msg']}") from None

    @property
    def paths(self) -> Paths:
        """Where this environment's data lies."""
        return Paths((PROJECT / self.data_dir).resolve())

    @property
    def raw_folders(self) -> list[Path]:
        """Folders of the input, as dbt_project/macros/raw/raw_folder.sql finds them."""
        variables = ("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR")
        folders = {os.environ.get(name) or self.paths.raw for name in variables}
        return sorted(Path(folder).resolve() for folder in folders)


def environment_names() -> list[str]:
    """Return the names of the files in configs/, sorted."""
    return sorted(file.stem for file in CONFIGS.glob("*.yml"))


def _load(file: Path) -> dict[str, object]:
    text = _substitute(file.read_text(), file=file)
    try:
        content = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise SettingsError(f"{file.name}: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        found = type(content).__name__
        raise SettingsError(f"{file.name}: got a {found}, expected keys and values")
    return content


def _substitute(text: str, *, file: Path) -> str:
    def value(match: re.Match[str]) -> str:
        name, default = match.groups()
        found = os.environ.get(name) or default
        if found is None:
            raise SettingsError(f"{file.name}: {name} is not set in the environment")
        return found

    return REFERENCE.sub(value, text)
