"""The environments in configs/: each a set of vars, folders and schedules.

The models below are the schema: files are validated against it, and the reference
page of the docs is made from it.
"""

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_core import ErrorDetails

from clustering.core.errors import SettingsError
from clustering.core.mapping import Mapping
from clustering.core.paths import CONFIG_VARIABLE, DBT_PROJECT, PROJECT, Paths
from clustering.core.section import Section
from clustering.core.settings import Settings, nearest

CONFIGS = PROJECT / "configs"
# Of the files there, the one that a command takes without --env.
DEFAULT = "dev"
REFERENCE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")

Seconds = Annotated[float, Field(gt=0)]


Share = Annotated[float, Field(ge=0, le=1)]


class Schedules(Section):
    """When jobs run on a schedule: cron in UTC, or null for never."""

    internal: str | None = None
    """Clusters by what sells in the stores."""

    external: str | None = None
    """Clusters by what surrounds the stores."""

    full: str | None = None
    """The whole pipeline."""


class Arrivals(Section):
    """How new files in the raw folders trigger a run."""

    enabled: bool = True
    """Whether they do."""

    seconds_between_looks: Seconds = 15
    """How often the folders are checked."""

    seconds_stable: Seconds = 60
    """A run starts once no file has changed for this long."""


class Alerts(Section):
    """Whom to alert, and the thresholds of warnings about published clusters."""

    mail_to: list[str] = []
    """Mail addresses; one entry may hold several, separated by commas."""

    min_retention: Share = 0.7
    """Smallest share of a category's stores in both runs that keep their cluster."""

    max_quarantined_share: Share = 0.02
    """Largest share of the sales rows that is quarantined without a warning."""

    max_days_since_last_sale: Annotated[int, Field(gt=0)] | None = None
    """Age of the newest sales, in days, beyond which they are stale; null: never."""

    @field_validator("mail_to")
    @classmethod
    def _split_addresses(cls, value: list[str]) -> list[str]:
        """Split at commas: a variable may hold several addresses, or none."""
        addresses = [one.strip() for entry in value for one in entry.split(",")]
        for address in filter(None, addresses):
            if not ADDRESS.fullmatch(address):
                raise ValueError(f"got {address!r}, expected a mail address")
        return [address for address in addresses if address]


class Publishing(Section):
    """How many runs to keep, and where to publish besides published/."""

    keep_runs: Annotated[int, Field(ge=1)] = 10
    """Runs kept in published/runs, to compare and to restore."""

    readers: Literal["all", "group", "owner"] = "all"
    """Which users of the machine may read published files, whatever the umask is."""

    postgres: SecretStr | None = None
    """Connection string of a PostgreSQL database to load the marts into as well."""


class Approval(Section):
    """The auto-approval policy: a version that meets all of it goes live by itself."""

    automatic: bool = True
    """Whether versions may go live by themselves; if not, a person approves each."""

    min_retention: Share = 0
    """Smallest share of a category's stores that keep their cluster."""

    min_stable_share: Share = 0
    """Smallest share of a category's clusters that are firm."""

    max_quarantined_share: Share = 1
    """Largest share of sales rows quarantined, not counting excluded categories."""

    approvers: list[str] = []
    """Mail addresses of who may decide in the dashboard; empty: all who log in."""


def _unquote_off(value: object) -> object:
    """Return what was meant: in YAML, off without quotes is false."""
    return "off" if value is False else value


Action = Annotated[Literal["off", "warn", "block"], BeforeValidator(_unquote_off)]


class Gates(Section):
    """Quality gates: off; warn, and go live; or block, until a person approves."""

    freshness: Action = "off"
    """The newest period of sales is too old."""

    max_days_since_last_sale: Annotated[int, Field(gt=0)] = 45
    """Age of the newest period of sales, in days."""

    volume: Action = "off"
    """A table has many more or many fewer rows than in the live version."""

    max_volume_change: Annotated[float, Field(ge=0)] = 0.5
    """Change of the rows used, as a share of those of the live version."""

    nulls: Action = "off"
    """A feature is missing for more stores than in the live version."""

    max_null_growth: Share = 0.05
    """Share of the stores that have lost their value of a feature."""

    ranges: Action = "off"
    """A feature has values beyond those of the live version."""

    max_share_out_of_range: Share = 0.05
    """Share of the stores with such values."""

    coverage: Action = "off"
    """Two tables have too few keys in common."""

    min_coverage: Share = 0.95
    """Share of the sales whose keys are in the other table; without sales, of keys."""

    firm: Action = "off"
    """Too few stores are in clusters that are reproduced under resampling."""

    min_firm_store_share: Share = 0.5
    """Share of the stores that are in firm clusters, over all categories."""

    retention: Action = "off"
    """Too few stores of a category keep their cluster."""

    min_retention: Share = 0.7
    """Share of the stores of a category that keep their cluster."""


class Environment(Section):
    """One file in configs/, which gives the environment its name."""

    _file: Path = PrivateAttr()
    name: Annotated[str, Field(exclude=True)]
    data_dir: Path
    """Folder of raw/, warehouse/, published/ and logs/; relative to the project."""

    internal_data_dir: Path | None = None
    """Folder of internal_sales and need_state; by default, raw/ in the data folder."""

    external_data_dir: Path | None = None
    """Folder of store_attributes and external_sales; by default, raw/."""

    target: str = "dev"
    """Target in dbt_project/profiles.yml: how models are built."""

    input: Mapping = Mapping()
    publishing: Publishing = Publishing()
    approval: Approval = Approval()
    gates: Gates = Gates()
    schedules: Schedules = Schedules()
    arrivals: Arrivals = Arrivals()
    alerts: Alerts = Alerts()
    vars: dict[str, object] = {}
    """Vars of dbt_project.yml that this environment overrides."""

    @field_validator("data_dir", "internal_data_dir", "external_data_dir")
    @classmethod
    def _resolve(cls, value: Path | None) -> Path | None:
        return value and (PROJECT / value).resolve()

    @field_validator("target")
    @classmethod
    def _check_target(cls, value: str) -> str:
        if value not in (known := dbt_targets()):
            raise ValueError(f"no target {value!r}; {nearest(value, known)}")
        return value

    @field_validator("vars")
    @classmethod
    def _check_names(cls, value: dict[str, object]) -> dict[str, object]:
        for name in value:
            if name not in (known := list(Settings.model_fields)):
                raise ValueError(f"no setting {name!r}; {nearest(name, known)}")
        return value

    @classmethod
    def read(cls, name: str) -> Self:
        """Read configs/``name``.yml; see :meth:`read_file`.

        Raises
        ------
        SettingsError
            If there is no such file, or something in it cannot be.
        """
        if name not in environment_names():
            there = ", ".join(environment_names())
            raise SettingsError(
                f"no environment {name!r} in configs; there are: {there}"
            )
        return cls.read_file(CONFIGS / f"{name}.yml")

    @classmethod
    def read_file(cls, file: Path) -> Self:
        """Read a file; ${NAME:-default} in it is a variable of the environment.

        ``extends: NAME`` takes from configs/NAME.yml the keys that it does not set.

        Raises
        ------
        SettingsError
            If it cannot be read, or something in it cannot be.
        """
        content = _load(file)
        try:
            environment = cls.model_validate({"name": file.stem, **content})
        except ValidationError as error:
            raise SettingsError(f"{file.name}: {_say(error.errors()[0])}") from None
        environment._file = file
        return environment

    @property
    def options(self) -> str:
        """The options that select this environment; empty for the default one."""
        if self._file.parent != CONFIGS:
            return shlex.join(["--config", str(self._file)])
        return "" if self.name == DEFAULT else f"--env {self.name}"

    def command(self, words: str) -> str:
        """Return the command to type, such as ``clustering run --env prod``."""
        return f"clustering {words} {self.options}".strip()

    @property
    def paths(self) -> Paths:
        """Where this environment's data lies."""
        return Paths(
            self.data_dir,
            internal=self.internal_data_dir or self.input.folder,
            external=self.external_data_dir or self.input.folder,
            config=self._file if self.input.tables else None,
        )


def mapping_in_force() -> Mapping:
    """Return the mapping of the environment that a build is of.

    A command says which file that is, or that there is none. Plain dbt takes the one of
    the environment CLUSTERING_ENV, or else of the default one.

    Raises
    ------
    SettingsError
        If the file is invalid.
    """
    name = os.environ.get("CLUSTERING_ENV") or DEFAULT
    file = os.environ.get(CONFIG_VARIABLE, str(CONFIGS / f"{name}.yml"))
    return (
        Environment.read_file(Path(file)).input if Path(file).is_file() else Mapping()
    )


def environment_names() -> list[str]:
    """Return the names of the files in configs/, sorted."""
    return sorted(file.stem for file in CONFIGS.glob("*.yml"))


def dbt_targets() -> list[str]:
    """Return the targets in dbt_project/profiles.yml that build everything."""
    profiles = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text())
    targets = profiles["store_clustering"]["outputs"]
    return [name for name, target in targets.items() if target["type"] == "duckdb"]


def _say(error: ErrorDetails) -> str:
    """Say where and what is wrong; of an unknown key, the closest valid one."""
    where = ".".join(map(str, error["loc"]))
    if error["type"] != "extra_forbidden":
        return f"{where}: {error['msg'].removeprefix('Value error, ')}"
    *outer, key = map(str, error["loc"])
    known = [name for name in _section_at(outer).model_fields if name != "name"]
    return f"{where}: no such key; {nearest(key, known)}"


def _section_at(names: Sequence[str]) -> type[BaseModel]:
    """Return the schema of the keys below some others."""
    found: Any = Environment
    for name in names:
        if name in found.model_fields:  # else it is an entry of a mapping to sections
            annotation = found.model_fields[name].annotation
            within = (annotation, *get_args(annotation))
            found = next(filter(_is_section, within))
    return found


def _is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _load(file: Path, *, extended_by: tuple[Path, ...] = ()) -> dict[str, object]:
    """Return keys and values of a file, on top of those of the one that it extends."""
    content = _parse(file)
    base = content.pop("extends", None)
    if base is None:
        return content
    chain, target = (*extended_by, file.resolve()), CONFIGS / f"{base}.yml"
    if base not in (known := environment_names()):
        hint = nearest(str(base), known)
        raise SettingsError(f"{file.name}: extends: no environment {base!r}; {hint}")
    if target.resolve() in chain:
        names = " extends ".join([*(link.stem for link in chain), str(base)])
        raise SettingsError(f"{file.name}: extends: {names}, expected an end")
    return _merge(_load(target, extended_by=chain), content)


def _merge(base: dict[str, object], content: dict[str, object]) -> dict[str, object]:
    """Return ``base`` with the keys of ``content`` on top, section by section."""
    merged = dict(base)
    for key, value in content.items():
        before = merged.get(key)
        is_section = isinstance(before, dict) and isinstance(value, dict)
        merged[key] = _merge(before, value) if is_section else value
    return merged


def _parse(file: Path) -> dict[str, object]:
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {file}: {error}") from None
    try:
        content = _Loader(text).get_single_data() or {}
    except yaml.YAMLError as error:
        raise SettingsError(f"{file.name}: {' '.join(str(error).split())}") from None
    except _UnsetError as unset:
        raise SettingsError(
            f"{file.name}: {unset} is not set in the environment"
        ) from None
    if not isinstance(content, dict):
        found = type(content).__name__
        raise SettingsError(f"{file.name}: got a {found}, expected keys and values")
    return content


class _Loader(yaml.SafeLoader):
    """Puts variables into values that are parsed already: none is YAML by itself."""

    def compose_scalar_node(self, anchor: dict[Any, yaml.Node]) -> yaml.ScalarNode:
        node = super().compose_scalar_node(anchor)
        if REFERENCE.search(node.value):
            node.value = REFERENCE.sub(_read_variable, node.value)
            if node.style is None:  # without quotes, 8 is a number
                node.tag = self.resolve(yaml.ScalarNode, node.value, (True, False))
        return node


def _read_variable(match: re.Match[str]) -> str:
    name, default = match.groups()
    found = os.environ.get(name) or default
    if found is None:
        raise _UnsetError(name)
    return found


class _UnsetError(Exception):
    """A variable without a default that is not in the environment."""
