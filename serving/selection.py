"""What of a run is asked for: all of it, a category, or a cluster of one."""

import difflib
from dataclasses import dataclass

from cli.errors import ArgumentError
from serving.runs import PublishedRun


@dataclass(frozen=True)
class Selection:
    """A category, as the run spells it, and a cluster; None is all of them."""

    category: str | None = None
    cluster: int | None = None


def select(
    run: PublishedRun, *, category: str | None, cluster: int | None
) -> Selection:
    """Return what is asked for, if the run has it; capitals do not matter.

    Raises
    ------
    ArgumentError
        If it has not, or a cluster is asked for without its category; the message
        names what there is.
    """
    if category is None and cluster is not None:
        raise ArgumentError(
            f"--cluster {cluster} without --category: clusters are numbered in each"
            " category; give both"
        )
    if category is None:
        return Selection()
    found = _find_category(run, category)
    if cluster is not None:
        _check_cluster(run, found, cluster)
    return Selection(found, cluster)


def list_categories(run: PublishedRun) -> list[str]:
    """Return the categories of a run, sorted."""
    return list(run.read("select category from cluster_quality order by 1")["category"])


def _find_category(run: PublishedRun, category: str) -> str:
    known = list_categories(run)
    if category in known:
        return category
    spelled = {name.lower(): name for name in known}
    if category.lower() in spelled:
        return spelled[category.lower()]
    near = difflib.get_close_matches(category.lower(), spelled, n=1)
    meant = f"did you mean {spelled[near[0]]!r}? " if near else ""
    raise ArgumentError(
        f"no category {category!r}; {meant}there are: {', '.join(known)}"
    )


def _check_cluster(run: PublishedRun, category: str, cluster: int) -> None:
    found = run.read(
        "select cluster_id from cluster_summary where category = ? order by 1",
        [category],
    )
    known = found["cluster_id"].tolist()
    if cluster not in known:
        there = ", ".join(str(number) for number in known)
        raise ArgumentError(f"no cluster {cluster} in {category!r}; there are: {there}")
