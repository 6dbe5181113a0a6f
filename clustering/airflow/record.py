"""The warehouse's record: which run built each stage last, and whether it passed."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from stat import S_ISREG

from clustering.core.paths import Paths


@dataclass(frozen=True)
class Stage:
    """The last build of one stage: by which run, and whether all its tests passed."""

    run: str
    passed: bool


@dataclass(frozen=True)
class BuildRecord:
    """What is known of the builds in a warehouse.

    Parameters
    ----------
    run : str or None
        Who built last.
    input : str or None
        Fingerprint of what this build is made from.
    done : tuple of str
        Models that this run has built from this input, and whose tests passed.
    stages : mapping
        Per stage, its last build.
    """

    run: str | None = None
    input: str | None = None
    done: tuple[str, ...] = ()
    stages: Mapping[str, Stage] = field(default_factory=dict)

    @classmethod
    def read(cls, paths: Paths) -> "BuildRecord":
        """Return the record; an empty one where nothing is known."""
        if not paths.record.exists():
            return cls()
        content = json.loads(paths.record.read_text())
        stages = {name: Stage(**stage) for name, stage in content["stages"].items()}
        done = tuple(content["done"])
        return cls(content["run"], content["input"], done, stages)

    def write(self, paths: Paths) -> None:
        """Replace the record, whole."""
        paths.record.parent.mkdir(parents=True, exist_ok=True)
        temporary = paths.record.with_suffix(".tmp")
        temporary.write_text(json.dumps(asdict(self), indent=2))
        temporary.replace(paths.record)

    def start(self, run: str, *, input: str, stages: Collection[str]) -> "BuildRecord":
        """Return the record while ``run`` builds, in these stages.

        What it has done stays done if it goes on with the same input.
        """
        done = self.done if (self.run, self.input) == (run, input) else ()
        building = dict.fromkeys(stages, Stage(run, passed=False))
        return BuildRecord(run, input, done, {**self.stages, **building})

    def add(self, model: str) -> "BuildRecord":
        """Return the record after a model is built and its tests passed."""
        return replace(self, done=(*self.done, model))

    def finish(self, stages: Collection[str]) -> "BuildRecord":
        """Return the record after all tests of these stages, whole, passed."""
        passed = {name: Stage(self.run, passed=True) for name in stages}
        return replace(self, stages={**self.stages, **passed})

    def has_passed(self, stage: str, *, run: str | None = None) -> bool:
        """Whether the last build of ``stage`` passed, and was that of ``run``."""
        last = self.stages.get(stage)
        return bool(last and last.passed and run in (None, last.run))


def fingerprint(places: Iterable[Path]) -> str:
    """Return a text that changes with any file at or below ``places``.

    It has a line per file: path, size and time of change. Contents are not read.
    """
    found = {file for place in places for file in (place, *place.rglob("*"))}
    lines = (_line(file) for file in sorted(found) if "__pycache__" not in file.parts)
    return "\n".join(line for line in lines if line)


def _line(file: Path) -> str | None:
    try:
        stat = file.stat()
    except FileNotFoundError:  # never there, or gone since it was listed
        return None
    return (
        f"{file} {stat.st_size} {stat.st_mtime_ns}" if S_ISREG(stat.st_mode) else None
    )
