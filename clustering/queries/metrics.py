"""Figures of the last build and the live version, as Prometheus text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isnan

from clustering.core.paths import Paths
from clustering.store.builds import last_builds
from clustering.store.integrity import find_damaged
from clustering.store.registry import Registry
from clustering.store.runs import PublishedRun, live_version
from clustering.store.versions import find_served, find_waiting, read_versions

PREFIX = "store_clustering_"
HELP = {
    "build_passed": "Whether the last build passed: 1 or 0.",
    "build_seconds": "How long the last build took.",
    "build_finished_timestamp_seconds": "When the last build ended.",
    "live_version": "Number of the live version; 0 where nothing is published.",
    "live_since_timestamp_seconds": "When the live version went live.",
    "versions_waiting": "Versions that wait for a person: 1 or 0.",
    "damaged_files": "Files of the live version that changed or disappeared.",
    "input_rows": "Rows of the input, by table: read, used or quarantined.",
    "stores": "Stores of a category.",
    "clusters": "Clusters of a category.",
    "silhouette": "Mean silhouette of a category, from -1 to 1.",
    "retention": "Share of stores that stayed in their cluster, by category.",
    "firm_store_share": "Share of stores whose assignment is firm, by category.",
}
ROWS = """
    unpivot (
        select
            source_table, rows_read as read, rows_used as used,
            rows_quarantined as quarantined
        from input_reconciliation
    )
    on read, used, quarantined
    into name state value amount
    order by all
"""
CATEGORIES = """
    select
        category, store_count as stores, cluster_count as clusters, silhouette,
        retention, firm_store_share
    from cluster_quality
    order by category
"""


@dataclass(frozen=True)
class Sample:
    """A figure.

    Parameters
    ----------
    name : str
        One of HELP.
    value : float
        In the unit that its name or help says.
    labels : mapping of str to str
        What it is about.
    """

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def read_metrics(paths: Paths) -> str:
    """Return the figures of a data folder in Prometheus' text format.

    Raises
    ------
    PipelineError
        If the registry or the live version cannot be read.
    """
    live = live_version(paths.published)
    samples = [*_of_builds(paths), *_of_versions(paths, live)]
    if live is not None:
        samples += [Sample("damaged_files", len(find_damaged(live.folder)))]
        samples += _of_run(live)
    return write_metrics(samples)


def write_metrics(samples: list[Sample]) -> str:
    r"""Return samples as text; those of one name together, after what it means.

    >>> print(write_metrics([Sample("stores", 42, {"category": 'GIN "DRY"'})]), end="")
    # HELP store_clustering_stores Stores of a category.
    # TYPE store_clustering_stores gauge
    store_clustering_stores{category="GIN \"DRY\""} 42
    """
    lines: list[str] = []
    for name, meaning in HELP.items():
        own = [one for one in samples if one.name == name and not isnan(one.value)]
        if own:
            lines += [
                f"# HELP {PREFIX}{name} {meaning}",
                f"# TYPE {PREFIX}{name} gauge",
            ]
            lines += [_line(one) for one in own]
    return "".join(f"{line}\n" for line in lines)


def _line(sample: Sample) -> str:
    labels = ",".join(f'{key}="{_escape(text)}"' for key, text in sample.labels.items())
    about = f"{{{labels}}}" if labels else ""
    return f"{PREFIX}{sample.name}{about} {sample.value:.15g}"


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _of_builds(paths: Paths) -> Iterator[Sample]:
    for build in last_builds(Registry(paths.registry), most=1):
        yield Sample("build_passed", build.state == "passed")
        if build.finished_at is not None and build.seconds is not None:
            yield Sample("build_seconds", build.seconds)
            yield _moment("build_finished_timestamp_seconds", build.finished_at)


def _of_versions(paths: Paths, live: PublishedRun | None) -> Iterator[Sample]:
    versions = read_versions(paths.published)
    served = find_served(versions) if live else None
    yield Sample("live_version", served.number if served else 0)
    if served is not None:
        since = served.effective_from or served.created_at
        yield _moment("live_since_timestamp_seconds", since)
    yield Sample("versions_waiting", find_waiting(versions) is not None)


def _moment(name: str, moment: datetime) -> Sample:
    return Sample(name, moment.timestamp())


def _of_run(run: PublishedRun) -> Iterator[Sample]:
    for row in run.read(ROWS).to_dict("records"):
        labels = {"table": row["source_table"], "state": row["state"]}
        yield Sample("input_rows", float(row["amount"]), labels)
    for row in run.read(CATEGORIES).to_dict("records"):
        labels = {"category": row.pop("category")}
        for name, value in row.items():
            yield Sample(str(name), float(value), labels)
