"""The choice of a second run, to compare the first one with."""

from collections.abc import Iterable

from clustering.dashboard import versions
from clustering.dashboard.choices import choose
from clustering.dashboard.published import Run, kept
from clustering.store.versions import APPROVED, SUPERSEDED, Version

# How a user makes a second run.
ANOTHER = "`clustering run --param max_clusters=6`"


def choose_other(
    run: Run, *, label: str, tables: Iterable[str], of_scenarios: bool = False
) -> Run | None:
    """Let another run that is kept be chosen; None where none has these tables.

    The default is what readers have. Where ``run`` is that, it is the newest scenario
    if ``of_scenarios``, else what they had before, else the run before or the newest.
    """
    folder = run.folder.parents[1]
    others = [
        one
        for one in kept(folder)
        if one.folder != run.folder and one.tables.issuperset(tables)
    ]
    if not others:
        return None
    by_name = {one.name: one for one in others}
    known = versions.by_run(folder)
    name = choose(
        label,
        list(by_name),
        key="with",
        show=lambda name: versions.label(by_name[name], known),
        default=_default(run, list(by_name), known, of_scenarios=of_scenarios),
    )
    return by_name[name]


def _default(
    run: Run, names: list[str], known: dict[str, Version], *, of_scenarios: bool
) -> str:
    """Return the first of the names, the newest first, that is worth comparing with."""
    before = [name for name in names if name < run.name]
    states = {name: known[name].state for name in names if name in known}
    scenarios = [name for name in states if of_scenarios and known[name].scenario]
    wanted = [
        *(name for name in names if states.get(name) == APPROVED),
        *scenarios,
        *(name for name in before if states.get(name) == SUPERSEDED),
        *before,
        *names,
    ]
    return wanted[0]


def only_one_run(thing: str) -> str:
    """Say that there is nothing to compare with, and what to do."""
    return (
        f"Only one run is kept, so there is no other {thing}. Make one with other"
        f" settings ({ANOTHER}) or newer input (`clustering run`); this page shows both"
        " as soon as it is published."
    )
