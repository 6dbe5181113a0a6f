"""Settings: the vars of dbt_project.yml, and the schema that validates them.

dbt_project.yml holds their values, with a comment on the effect of each. Values given
there, by ``--vars``, in configs/ or in Airflow's form are validated against the schema:
:mod:`ml.settings` has the part of the method, and the rest is below. Plain ``dbt
build`` calls it through :mod:`clustering.core.plugin`.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Union, get_args, get_origin

import yaml
from annotated_types import Ge, Gt, Le
from pydantic import ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from clustering.core.errors import ArgumentError, SettingsError
from clustering.core.paths import DBT_PROJECT
from ml.settings import Count, Group, Method, RefitWhen, Share

WORDS: dict[object, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    list[str]: "a list of texts",
}


class Input(Group):
    """Which of the input is used.

    Attributes
    ----------
    excluded_categories, excluded_external_columns : list of str
        What is left out.
    sales_rows : str
        What several sales rows of one store, SKU and period are.
    max_levels : int
        Different texts, from 1 up, that an external column may have.
    min_active_periods : int
        Periods with sales, from 1 up, that an eligible store needs.
    max_quarantined_share : float
        Share of the rows, 0 to 1, that may be quarantined.
    """

    excluded_categories: list[str]
    sales_rows: Literal["sum", "last", "refuse_duplicates"]
    excluded_external_columns: list[str]
    max_levels: Count
    min_active_periods: Count
    max_quarantined_share: Share


class Refit(Group):
    """When a category is fitted anew.

    Attributes
    ----------
    refit_when : str
        changed: when anything that it is fitted from has; drifted: when its sales
        moved by more than chance moves them; always: in every build; never: stores are
        assigned by the models of the live version.
    """

    refit_when: RefitWhen


class Shown(Group):
    """How pages and reports show figures; no model reads it.

    Attributes
    ----------
    currency : str
        Sign or code shown with sales; empty: none.
    """

    currency: str


class Settings(Method, Input, Refit, Shown):
    """All settings: those of the input, of the method, and of what marts show.

    Attributes
    ----------
    volume_bands : list of str
        Names of the bands of stores by sales, the smallest first.
    max_recommendations : int
        Most recommendations of a cluster, from 1 up.
    """

    model_config = ConfigDict(extra="forbid")

    volume_bands: list[str]
    max_recommendations: Count


def check_settings(
    given: Mapping[str, object], *, declared: Mapping[str, object] | None = None
) -> Settings:
    """Return the validated settings of a run.

    Parameters
    ----------
    given : mapping
        Overrides of this run.
    declared : mapping or None
        The vars of dbt_project.yml; read from the file if None.

    Raises
    ------
    SettingsError
        For the first invalid one: the value found, and the values allowed.
    """
    declared = declared_settings() if declared is None else declared
    _check_names(given, declared)
    _check_names(declared, Settings.model_fields)
    try:
        return Settings.model_validate({**declared, **given})
    except ValidationError as error:
        (place, problem), found = _place(error), error.errors()[0]
        if found["type"] == "missing":
            raise SettingsError(f"{place} is missing, expected {problem}") from None
        if not place:
            said = found["msg"].removeprefix("Value error, ")
            raise SettingsError(said) from None
        value = {**declared, **given}[place]
        raise SettingsError(f"got {place}={shown(value)}, expected {problem}") from None


def _place(error: ValidationError) -> tuple[str, str]:
    """Return the invalid setting and its range; no name where several clash."""
    location = error.errors()[0]["loc"]
    if not location:
        return "", ""
    name = str(location[0])
    return name, allowed(Settings.model_fields[name])


def _check_names(names: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for name in names:
        if name not in known:
            near = sorted(known, key=lambda one: (-_likeness(name, one), one))
            raise SettingsError(
                f"there is no setting {shown(name)}; known, nearest first:"
                f" {', '.join(near)}"
            )


def _likeness(one: object, other: str) -> float:
    return difflib.SequenceMatcher(a=str(one), b=other).ratio()


def allowed(field: FieldInfo) -> str:
    """Return the type and range of a setting in words.

    >>> allowed(Settings.model_fields["min_clusters"])
    'a whole number from 2 up'
    >>> allowed(Settings.model_fields["share_exponent"])
    'a number above 0, at most 1'
    >>> allowed(Settings.model_fields["rebalance_mode"])
    'one of: store, cluster'
    """
    if get_origin(field.annotation) is Literal:
        return f"one of: {', '.join(get_args(field.annotation))}"
    if get_origin(field.annotation) is Union:
        return "a share below 1 or a whole number above 0"
    kind = WORDS[field.annotation]
    limits = {type(limit): limit for limit in field.metadata}
    most = limits[Le].le if Le in limits else None
    if Gt in limits:
        return f"{kind} above {limits[Gt].gt}" + (f", at most {most}" if most else "")
    if Ge in limits:
        return f"{kind} from {limits[Ge].ge} " + (f"to {most}" if most else "up")
    return kind


def shown(value: object) -> str:
    r"""Return a value on one line, as in YAML, with texts in quotes.

    >>> print(shown(None), shown(True), shown("a\nb"), shown(2.5), shown([1]))
    null true 'a\nb' 2.5 [1]
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    is_iterable = isinstance(value, Iterable)
    return repr(value) if is_iterable else str(value)


def declared_settings() -> dict[str, object]:
    """Return the vars of dbt_project.yml, with their values there."""
    text = (DBT_PROJECT / "dbt_project.yml").read_text()
    return yaml.safe_load(text)["vars"]["store_clustering"]


def read_settings(params: Iterable[str]) -> dict[str, object]:
    """Read KEY=VALUE texts, the value in YAML: a number, a text, a [list, of, texts].

    Raises
    ------
    ArgumentError
        If a text is not KEY=VALUE, or the setting is unknown. Values are validated by
        :func:`check_settings`.
    """
    known = list(Settings.model_fields)
    settings = {}
    for param in params:
        key, equals, value = param.partition("=")
        if not equals:
            raise ArgumentError(f"got --param {param!r}, expected KEY=VALUE")
        if key not in known:
            hint = SYNONYMS.get(key) or nearest(key, known)
            raise ArgumentError(f"there is no setting {key!r}; {hint}")
        settings[key] = _read_value(param, value)
    return settings


# What other tools have one name for.
SYNONYMS = dict.fromkeys(
    ("cluster_count", "clusters", "k", "n_clusters", "num_clusters"),
    "min_clusters and max_clusters are the range of k, the seed fixed_k sets it",
)


def _read_value(param: str, value: str) -> object:
    try:
        return yaml.safe_load(value)
    except (yaml.YAMLError, ValueError):  # the latter for a date such as 2025-13-01
        raise ArgumentError(
            f"got --param {param!r}, expected a value in YAML"
        ) from None


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a hint with the closest valid key."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
