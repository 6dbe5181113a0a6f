"""Settings of one run: vars of dbt_project.yml, given as KEY=VALUE."""

import difflib
from collections.abc import Iterable, Sequence

import yaml

from clustering.core.errors import ArgumentError
from clustering.core.paths import DBT_PROJECT


def read_settings(params: Iterable[str]) -> dict[str, object]:
    """Read KEY=VALUE texts, the value in YAML: a number, a text, a [list, of, texts].

    Raises
    ------
    ArgumentError
        If a text is not KEY=VALUE, or if dbt_project.yml has no such var. What the
        value may be, dbt_project/macros/settings says.
    """
    known = declared_vars()
    settings = {}
    for param in params:
        key, equals, value = param.partition("=")
        if not equals:
            raise ArgumentError(f"got --param {param!r}, expected KEY=VALUE")
        if key not in known:
            raise ArgumentError(f"there is no setting {key!r}; {nearest(key, known)}")
        settings[key] = _read_value(param, value)
    return settings


def _read_value(param: str, value: str) -> object:
    try:
        return yaml.safe_load(value)
    except (yaml.YAMLError, ValueError):  # the latter for a date such as 2025-13-01
        raise ArgumentError(
            f"got --param {param!r}, expected a value in YAML"
        ) from None


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a hint at what ``name`` may have meant."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"


def declared_vars() -> list[str]:
    """Return the names of the vars in dbt_project.yml."""
    text = (DBT_PROJECT / "dbt_project.yml").read_text()
    return list(yaml.safe_load(text)["vars"]["store_clustering"])
