"""The choice of a second run, to compare the first one with."""

from collections.abc import Iterable

from dashboard import words
from dashboard.choices import choose
from dashboard.published import Run, kept

# How a user makes a second run.
ANOTHER = "`clustering run --param max_clusters=6`"


def choose_other(run: Run, *, label: str, tables: Iterable[str]) -> Run | None:
    """Let another run that is kept be chosen; None where none has these tables.

    The default is the one before ``run``, else the newest.
    """
    others = [
        one
        for one in kept(run.folder.parents[1])
        if one.folder != run.folder and one.tables.issuperset(tables)
    ]
    if not others:
        return None
    by_name = {one.name: one for one in others}
    before = [name for name in by_name if name < run.name]
    name = choose(
        label,
        list(by_name),
        key="with",
        show=lambda name: words.moment(by_name[name].built_at),
        default=(before or list(by_name))[0],
    )
    return by_name[name]


def only_one_run(thing: str) -> str:
    """Say that there is nothing to compare with, and what to do."""
    return (
        f"Only one run is kept, so there is no other {thing}. Make one with other"
        f" settings ({ANOTHER}) or newer input (`clustering run`); this page shows both"
        " as soon as it is published."
    )
