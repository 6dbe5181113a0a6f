"""The parameters of one DAG run, as in the form of the UI, and what they select."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow.sdk import Param

from clustering.airflow.jobs import Job
from clustering.airflow.plan import STAGES
from clustering.core.builds import EVERYTHING, job_names
from clustering.core.environments import Environment, environment_names
from clustering.core.settings import Settings

# Settings that the form asks for.
ASKED = {
    "min_clusters": "Smallest k to try; empty: as configured.",
    "max_clusters": "Largest k to try; empty: as configured.",
}


def run_params(job: Job, *, environment: str) -> dict[str, Param]:
    """Return the parameters of a job: what the form asks, and what it accepts."""
    params = {
        "environment": Param(
            environment,
            enum=environment_names(),
            description="Whose settings and data folder: a file of configs/.",
        ),
        "selector": Param(
            EVERYTHING,
            enum=job_names(),
            description="What to build: a selector of dbt_project/selectors.yml."
            " Where it leaves marts out, nothing is published.",
        ),
        "full_refresh": Param(
            False, type="boolean", description="Fit all categories, changed or not."
        ),
        **{name: _setting(name, text) for name, text in ASKED.items()},
        "tags": Param(
            [],
            type="array",
            items={"type": "string"},
            description="Words of your own for this run, such as trial or"
            " season=spring; they stand in its alerts.",
        ),
    }
    if job.stages != STAGES:
        del params["selector"]
    return params


def _setting(name: str, description: str) -> Param:
    """Return a field of the form for a setting: what its schema allows, or nothing."""
    allowed = Settings.model_json_schema()["properties"][name]
    limits = {key: allowed[key] for key in ("minimum", "maximum") if key in allowed}
    return Param(
        None, type=["null", allowed["type"]], description=description, **limits
    )


@dataclass(frozen=True)
class Run:
    """One run of a job.

    Parameters
    ----------
    environment : Environment
        Settings and folders.
    settings : dict
        Vars of dbt_project.yml that this run sets.
    selector : str
        What to build of the whole pipeline.
    full_refresh : bool
        Whether incremental models are built anew.
    tags : list of str
        Words of the person who started it.
    """

    environment: Environment
    settings: dict[str, object]
    selector: str
    full_refresh: bool
    tags: list[str]

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> "Run":
        """Read a DAG run's params.

        Raises
        ------
        SettingsError
            If there is no such environment, or its file cannot be.
        """
        environment = Environment.read(params["environment"])
        given = {name: params[name] for name in ASKED}
        chosen = {name: value for name, value in given.items() if value is not None}
        return cls(
            environment=environment,
            settings=environment.vars | chosen,
            selector=params.get("selector", EVERYTHING),
            full_refresh=params["full_refresh"],
            tags=params["tags"],
        )
