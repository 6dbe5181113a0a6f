"""The jobs that can be built, and the origin of a build: who started it, from what."""

import json
import os
from dataclasses import asdict, dataclass

import yaml

from clustering.core.errors import ArgumentError
from clustering.core.paths import DBT_PROJECT
from clustering.core.settings import nearest

# The one that selects all there is.
EVERYTHING = "full_pipeline"
# Those that make all marts, so that what they built can be published.
PUBLISHING = (EVERYTHING, "merging")


@dataclass(frozen=True)
class Job:
    """A selector of dbt: its name, and what it builds in a sentence."""

    name: str
    description: str

    @property
    def publishes(self) -> bool:
        """Whether all marts are built, so that they can be handed to readers."""
        return self.name in PUBLISHING


def list_jobs() -> list[Job]:
    """Return all jobs, the one for everything first."""
    text = (DBT_PROJECT / "selectors.yml").read_text()
    jobs = [
        Job(selector["name"], " ".join(selector["description"].split()))
        for selector in yaml.safe_load(text)["selectors"]
    ]
    return sorted(jobs, key=lambda job: job.name != EVERYTHING)


def job_names() -> list[str]:
    """Return the names of all jobs, the one for everything first."""
    return [job.name for job in list_jobs()]


def find_job(name: str) -> Job:
    """Return the job of that name.

    Raises
    ------
    ArgumentError
        If there is none; it names the nearest, also to what jobs were once called.
    """
    jobs = {job.name: job for job in list_jobs()}
    if name not in jobs:
        today = name.removesuffix("_job").replace("_ml", "_clustering")
        hint = nearest(today, list(jobs))
        raise ArgumentError(f"there is no job {name!r}; {hint}")
    return jobs[name]


# Tells dbt, and so its hooks.
VARIABLE = "CLUSTERING_BUILD"


@dataclass(frozen=True)
class Origin:
    """What the registry says of a build, beside its settings, input and results.

    Parameters
    ----------
    started_by : str
        A person, or a run of Airflow.
    environment : str
        Name of the environment.
    tags : tuple of str
        Words of who started it.
    code_version : str or None
        Version of the project, and its commit where known.
    signature : str or None
        Fingerprint of all that the build is made from; None where that is not known.
    follows : str or None
        Short id of the published run that its labels follow.
    run : str or None
        Id of the run of Airflow.
    """

    started_by: str
    environment: str
    tags: tuple[str, ...] = ()
    code_version: str | None = None
    signature: str | None = None
    follows: str | None = None
    run: str | None = None

    @property
    def variables(self) -> dict[str, str]:
        """The variable of the environment that tells dbt."""
        return {VARIABLE: json.dumps(asdict(self))}


def read_origin() -> dict[str, object]:
    """Return what the variable of the environment says, by the names of `Origin`."""
    said = json.loads(os.environ.get(VARIABLE, "{}"))
    return {"started_by": f"{os.environ.get('USER', 'unknown')}, with dbt"} | said
