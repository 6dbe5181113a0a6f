"""How good the clusters are, compared with a few lines of scikit-learn.

    python -m benchmarks.quality [--raw FOLDER] [--write FILE] [--only NAME]

Runs the real pipeline, with default settings and k of its own choice, on samples with
planted segments, and on real data where a folder is given; compares with the truth.
"""

import argparse
import platform
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from benchmarks.cases import CASES, Row, case_sections, measure_case, write_case
from benchmarks.choices import choice_section
from benchmarks.iowa import find_absent, measure_iowa
from benchmarks.pipeline import Run, run_pipeline
from benchmarks.removed import measure_removed, removed_section
from benchmarks.report import Section
from benchmarks.switches import SAMPLES, measure_switches, switch_section

# What --only may name besides the samples, and the sample that stores are removed from.
IOWA = "Iowa"
REMOVED = "5 % removed"
SWITCHES = "switches"
REMOVED_FROM = "lifelike"
# Builds side by side: each keeps about one core busy.
BUILDS = 2
PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "scikit-learn")
HEADER = """\
# Quality

How good the clusters are with default settings and k chosen by the program, compared
with simpler methods on the same features. Made by

```sh
.venv/bin/python -m benchmarks.quality{options}
```

on {date}, with Python {python}, {packages}. The samples are drawn from fixed seeds
(`benchmarks/cases.py`), so that figures of different versions can be compared.
"""
ABOUT_IOWA = """\
Iowa is a year of real liquor orders (2021), and the same stores in 2022; store formats
are taken from the banner, and no step of the pipeline sees them.
"""


def main() -> None:
    """Measure, print, and write where that is asked for."""
    arguments = _read_arguments()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        measured = _measure(arguments, Path(folder), console=console)
    for section in measured:
        console.print(section.as_rich())
    if arguments.write:
        arguments.write.write_text(_write_up(measured, real=bool(arguments.raw)))


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, help="folder of real tables and labels")
    parser.add_argument("--write", type=Path, help="Markdown file to write as well")
    parser.add_argument(
        "--only",
        action="append",
        choices=[*CASES, IOWA, REMOVED, SWITCHES],
        help="measure this alone; may be given several times",
    )
    arguments = parser.parse_args()
    if arguments.raw and (absent := find_absent(arguments.raw)):
        parser.error(f"{arguments.raw} has no {' and no '.join(absent)}")
    if IOWA in (arguments.only or []) and not arguments.raw:
        parser.error(f"--only {IOWA} needs --raw")
    return arguments


def _measure(
    arguments: argparse.Namespace, folder: Path, *, console: Console
) -> list[Section]:
    """Measure what is asked for, and put it into sections."""
    only = arguments.only or [*CASES, IOWA, REMOVED, SWITCHES]
    cases = [name for name in CASES if name in only]
    rows = _measure_cases(cases, folder, console=console)
    sections = case_sections(rows) if rows else []
    ways = {name: row[2] for name, row in zip(cases, rows, strict=True) if row[2]}
    inputs = {REMOVED_FROM: None}
    if arguments.raw and (IOWA in only or REMOVED in only):
        with _progress(IOWA, console=console):
            iowa = measure_iowa(arguments.raw.resolve(), folder=folder / "iowa")
        sections, ways = sections + iowa.sections, ways | iowa.ways
        inputs[IOWA] = iowa.run
    if REMOVED in only:
        sections.append(_measure_removals(inputs, arguments, folder, console=console))
    if SWITCHES in only:
        sections.append(_measure_switches(folder / SWITCHES, console=console))
    return [*sections, choice_section(ways)] if ways else sections


def _measure_switches(folder: Path, *, console: Console) -> Section:
    rows = []
    for name in SAMPLES:
        with _progress(f"{name}, {SWITCHES}", console=console):
            rows.append(measure_switches(name, folder=folder / name))
    return switch_section(rows)


def _measure_removals(
    inputs: dict[str, Run | None],
    arguments: argparse.Namespace,
    folder: Path,
    *,
    console: Console,
) -> Section:
    """Remove stores of each input; the run of all its stores is given, or made here."""
    rows: list[Row] = []
    for name, run in inputs.items():
        place = folder / REMOVED / name
        with _progress(f"{name}, {REMOVED}", console=console):
            raw = arguments.raw.resolve() if run else write_case(name, folder=place)
            run = run or run_pipeline(raw, data=place / "data")
            rows += measure_removed(name, run, raw, folder=place)
    return removed_section(rows)


def _measure_cases(
    cases: list[str], folder: Path, *, console: Console
) -> list[tuple[Row, Row, Row]]:
    def measure(name: str) -> tuple[Row, Row, Row]:
        with _progress(name, console=console):
            return measure_case(name, folder=folder / name)

    with ThreadPoolExecutor(BUILDS) as pool:
        return list(pool.map(measure, cases))


@contextmanager
def _progress(name: str, *, console: Console) -> Iterator[None]:
    started = time.monotonic()
    yield
    console.print(f"{name}: {time.monotonic() - started:.0f} s", highlight=False)


def _write_up(sections: list[Section], *, real: bool) -> str:
    header = HEADER.format(
        options=" --raw FOLDER --write FILE" if real else " --write FILE",
        date=datetime.now(UTC).date(),
        python=platform.python_version(),
        packages=", ".join(f"{name} {version(name)}" for name in PACKAGES),
    )
    about = [ABOUT_IOWA] if real else []
    return "\n".join([header, *about, *(part.as_markdown() for part in sections)])


if __name__ == "__main__":
    main()
