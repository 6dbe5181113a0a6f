"""Which part of a run to read: all of it, a category, or a cluster of one."""

import difflib
from dataclasses import dataclass

from clustering.core import sql
from clustering.core.errors import ArgumentError
from clustering.store.runs import Reader


@dataclass(frozen=True)
class Selection:
    """A category, as the run spells it, and a cluster; None is all of them."""

    category: str | None = None
    cluster: int | None = None


def select(run: Reader, *, category: str | None, cluster: int | None) -> Selection:
    """Return what is asked for, if the run has it.

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
    found = find_category(run, category)
    if cluster is not None:
        _check_cluster(run, found, cluster)
    return Selection(found, cluster)


def list_categories(run: Reader, *, table: str = "cluster_quality") -> list[str]:
    """Return the categories of a run's table, sorted."""
    found = run.read(
        f"select distinct category from {sql.name(table)} order by category"
    )
    return list(found["category"])


def find_category(run: Reader, category: str) -> str:
    """Return a category as the run spells it; capitals matter only between two.

    Raises
    ------
    ArgumentError
        If the run has no such category, or several that differ in capitals alone.
    """
    known = list_categories(run)
    if category in known:
        return category
    alike = [name for name in known if name.lower() == category.lower()]
    if len(alike) == 1:
        return alike[0]
    there = ", ".join(known)
    if alike:
        raise ArgumentError(
            f"{category!r} may be {' or '.join(alike)}; give its capitals too;"
            f" there are: {there}"
        )
    raise ArgumentError(
        f"no category {category!r}; {_guess(category, known)}there are: {there}"
    )


def _guess(category: str, known: list[str]) -> str:
    spelled = {name.lower(): name for name in known}
    near = difflib.get_close_matches(category.lower(), spelled, n=1)
    return f"did you mean {spelled[near[0]]!r}? " if near else ""


def _check_cluster(run: Reader, category: str, cluster: int) -> None:
    found = run.read(
        "select cluster_id from cluster_summary where category = ? order by 1",
        [category],
    )
    known = found["cluster_id"].tolist()
    if cluster not in known:
        there = ", ".join(str(number) for number in known)
        raise ArgumentError(f"no cluster {cluster} in {category!r}; there are: {there}")
