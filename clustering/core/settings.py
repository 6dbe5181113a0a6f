"""Settings: the vars of dbt_project.yml, and the one schema of what they may be.

dbt_project.yml holds their values, with a comment on the effect of each. Values given
there, by ``--vars``, in configs/ or in Airflow's form are validated against the schema
below; plain ``dbt build`` calls it through :mod:`clustering.core.plugin`.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, Self, Union, get_args, get_origin

import yaml
from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from clustering.core.errors import ArgumentError, SettingsError
from clustering.core.paths import DBT_PROJECT

Share = Annotated[float, Field(ge=0, le=1)]
PositiveShare = Annotated[float, Field(gt=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
CountOrNone = Annotated[int, Field(ge=0)]
AtLeastTwo = Annotated[int, Field(ge=2)]
Scaling = Literal["robust", "standard", "minmax", "none"]

WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list[str]: "a list of texts",
}


class Settings(BaseModel):
    """Type and range of every setting; dbt_project.yml describes its effect."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False
    )

    excluded_categories: list[str]
    excluded_external_columns: list[str]
    max_levels: Count
    min_active_periods: Count
    max_quarantined_share: Share

    external_feature_selection: Literal["all", "drivers"]
    driver_share: PositiveShare
    must_keep_columns: list[str]

    share_transform: Literal["share", "hellinger", "cube_root", "power", "clr"]
    share_exponent: PositiveShare
    shrink_shares: bool
    max_same_value: Share
    max_correlation: Share
    imputation: Literal["mean", "median", "most_frequent", "knn"]
    internal_scaling: Scaling
    external_scaling: Scaling
    scaled_limit: Annotated[float, Field(gt=0)]
    outlier_score: PositiveShare
    external_reduction: Literal["pca", "famd"]
    n_components: Annotated[float, Field(gt=0, lt=1)] | Count
    external_scope: Literal["auto", "category", "global"]

    algorithm: Literal[
        "kmeans", "minibatch_kmeans", "gmm", "agglomerative", "birch", "hdbscan"
    ]
    min_clusters: AtLeastTwo
    max_clusters: AtLeastTwo
    min_cluster_size: Count
    max_size_floor_share: Share
    n_init: Count
    k_margin: Annotated[float, Field(ge=0, le=2)]
    stability_resamples: AtLeastTwo
    min_stability: Share
    random_state: Annotated[int, Field(ge=0, le=4294967295)]

    max_final_clusters: Count
    min_final_clusters: Count
    final_margin: Share
    primary_side: Literal["auto", "internal", "external"]
    rebalance_mode: Literal["store", "cluster"]
    min_cluster_share: Annotated[float, Field(ge=0, le=0.5)]
    max_cluster_size: CountOrNone
    total_final_clusters: CountOrNone
    internal_weight: Weight
    external_weight: Weight

    bootstrap_resamples: AtLeastTwo

    label_continuity: bool
    volume_bands: list[str]

    max_recommendations: Count

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        """Reject values that are valid alone and contradict each other."""
        for least, most in (
            ("min_clusters", "max_clusters"),
            ("min_final_clusters", "max_final_clusters"),
        ):
            if getattr(self, least) > getattr(self, most):
                raise self._clash(f"expected {least} to be at most {most}", least, most)
        largest = self.max_cluster_size
        if largest and largest < 2 * self.min_cluster_size:
            raise self._clash(
                "expected max_cluster_size to be 0 (no maximum) or at least twice"
                " min_cluster_size",
                "max_cluster_size",
                "min_cluster_size",
            )
        if self.internal_weight + self.external_weight == 0:
            raise self._clash(
                "expected one of them above 0", "internal_weight", "external_weight"
            )
        if self.external_scope == "global" and self.external_feature_selection != "all":
            raise self._clash(
                "expected all: drivers are those of a category, so they need"
                " external_scope=auto or category",
                "external_scope",
                "external_feature_selection",
            )
        return self

    def _clash(self, expected: str, *names: str) -> ValueError:
        """Return the error for values that contradict each other."""
        found = " and ".join(f"{name}={_said(getattr(self, name))}" for name in names)
        return ValueError(f"got {found}, {expected}")


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


def _said(value: object) -> str:
    """Return a valid value as people write it."""
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if is_whole else value)


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
    """Return a hint with the closest valid key."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
