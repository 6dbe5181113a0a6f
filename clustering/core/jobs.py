"""The jobs: what can be built by itself, the selectors of dbt_project/selectors.yml."""

from dataclasses import dataclass

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
        If there is none; it names the nearest.
    """
    jobs = {job.name: job for job in list_jobs()}
    if name not in jobs:
        raise ArgumentError(f"there is no job {name!r}; {nearest(name, list(jobs))}")
    return jobs[name]
