"""The jobs: what each builds, and what starts it."""

from dataclasses import dataclass

from airflow.sdk import (
    Asset,
    AssetOrTimeSchedule,
    AssetWatcher,
    CronTriggerTimetable,
)

from clustering.airflow.arrivals import RawFilesTrigger
from clustering.airflow.plan import EXTERNAL, INTERNAL, MARTS, MERGING, STAGES
from clustering.core.environments import Environment
from clustering.core.input.remote import is_remote

INTERNAL_CLUSTERS = Asset("internal_clusters")
EXTERNAL_CLUSTERS = Asset("external_clusters")
PUBLISHED_MARTS = Asset("published_marts")


@dataclass(frozen=True)
class Job:
    """One DAG.

    Parameters
    ----------
    name : str
        Id of the DAG.
    description : str
        What it does, in a sentence.
    stages : tuple of str
        What it builds.
    outlet : Asset
        What is new when it has passed.
    schedule : object
        What starts it; None: a person.
    """

    name: str
    description: str
    stages: tuple[str, ...]
    outlet: Asset
    schedule: object

    @property
    def doc(self) -> str:
        """What the UI says of it."""
        return (
            f"{self.description}\n\nWhere `build` is red, the task of the model that"
            " failed is too: its log says what is wrong. Nothing is published then."
            " Correct it, and choose *Clear run*, *only failed tasks*.\n\n"
            "Models are described in the [dbt docs](/cosmos/store_clustering/dbt_docs)."
        )

    @property
    def publishes(self) -> bool:
        """Whether marts are built, and handed to readers."""
        return MARTS in self.stages


def jobs_of(environment: Environment) -> list[Job]:
    """Return the jobs, with the schedules of ``environment``."""
    at = environment.schedules
    return [
        Job(
            "store_clustering",
            "The whole pipeline, from the raw files to published clusters.",
            stages=STAGES,
            outlet=PUBLISHED_MARTS,
            schedule=_on_time_or_arrival(at.full, environment),
        ),
        Job(
            "store_clustering_internal",
            "Clusters of stores by what sells in them.",
            stages=(INTERNAL,),
            outlet=INTERNAL_CLUSTERS,
            schedule=_on_time(at.internal),
        ),
        Job(
            "store_clustering_external",
            "Clusters of stores by what surrounds them.",
            stages=(EXTERNAL,),
            outlet=EXTERNAL_CLUSTERS,
            schedule=_on_time(at.external),
        ),
        Job(
            "store_clustering_merging",
            "Merges both sides' clusters and publishes, when either side is new.",
            stages=(MERGING, MARTS),
            outlet=PUBLISHED_MARTS,
            schedule=INTERNAL_CLUSTERS | EXTERNAL_CLUSTERS,
        ),
    ]


def _on_time(cron: str | None) -> CronTriggerTimetable | None:
    return CronTriggerTimetable(cron, timezone="UTC") if cron else None


def _on_time_or_arrival(cron: str | None, environment: Environment) -> object:
    arrivals, timetable = environment.arrivals, _on_time(cron)
    if not arrivals.enabled:
        return timetable
    watcher = AssetWatcher(
        name="raw_folders",
        trigger=RawFilesTrigger(
            folders=[str(folder) for folder in environment.paths.raw_folders],
            patterns=[
                pattern
                for table in environment.input.tables.values()
                for pattern in table.patterns
                if not is_remote(pattern)  # it may give access, and nobody watches it
            ],
            seconds_between_looks=arrivals.seconds_between_looks,
            seconds_stable=arrivals.seconds_stable,
        ),
    )
    raw_files = Asset("raw_files", watchers=[watcher])
    if timetable is None:
        return [raw_files]
    return AssetOrTimeSchedule(timetable=timetable, assets=[raw_files])
