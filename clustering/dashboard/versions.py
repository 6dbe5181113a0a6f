"""What a run is to people: which version it is, and what was decided about it."""

from pathlib import Path

from clustering.dashboard.published import Run, kept
from clustering.presentation import words
from clustering.store.versions import WAITING, Version, read_versions

# What follows "Version 3" in a sentence.
SAID = {
    "created": "waits for a decision",
    "ready": "waits for a decision",
    "approved": "is what readers have",
    "rejected": "was rejected",
    "superseded": "is what readers had before",
}


def by_run(published: Path) -> dict[str, Version]:
    """Return all versions by the name of their run, the newest first.

    They are read anew each time: a decision shows at once.
    """
    return {version.run: version for version in read_versions(published)}


def had_by_readers(published: Path) -> list[Run]:
    """Return the kept runs that readers have or had, the newest first.

    Runs of a time before there were versions were had by all.
    """
    known = by_run(published)
    return [
        run
        for run in kept(published)
        if run.name not in known or known[run.name].effective_from
    ]


def label(run: Run, versions: dict[str, Version]) -> str:
    """Return what to call a run in a list, which has little room.

    A run of a time before there were versions has nothing but the moment of its build.
    """
    version = versions.get(run.name)
    if version is None:
        return words.moment(run.built_at)
    return f"{title(version)} · {run.built_at:%d %b}"


def name(run: Run, versions: dict[str, Version]) -> str:
    """Return what to call a run in a text."""
    built = words.moment(run.built_at)
    version = versions.get(run.name)
    return f"{title(version)}, of {built}" if version else f"the run of {built}"


def title(version: Version) -> str:
    """Return the number of a version, and its scenario or its state."""
    is_scenario = version.scenario and version.state in WAITING
    what = f"scenario {version.scenario}" if is_scenario else version.state
    return f"Version {version.number}, {what}"


def say_state(version: Version) -> str:
    """Say in a sentence, without its end, what became of a version."""
    name = f"Version {version.number}"
    if version.scenario:
        name += f", the scenario {version.scenario},"
    return f"{name} {SAID[version.state]}"
