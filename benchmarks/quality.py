"""How good the clusters are, beside what a few lines of scikit-learn give.

    python -m benchmarks.quality [--raw FOLDER] [--write FILE]

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

from benchmarks.cases import CASES, Row, case_sections, measure_case
from benchmarks.choices import choice_section
from benchmarks.iowa import find_absent, measure_iowa
from benchmarks.report import Section

# Builds side by side: each keeps about one core busy.
BUILDS = 2
PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "scikit-learn")
HEADER = """\
# Quality

How good the clusters are, with default settings and k chosen by the program, beside
simpler ways on the same features. Made by

```sh
.venv/bin/python -m benchmarks.quality{options}
```

on {date}, with Python {python}, {packages}. The samples are drawn from fixed seeds
(`benchmarks/cases.py`), so that the figures compare between versions of the code.
"""
ABOUT_IOWA = """\
Iowa is a year of real liquor orders (2021), and the same stores in 2022; store formats
come from the banner, and no step of the pipeline sees them.
"""


def main() -> None:
    """Measure, print, and write where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, help="folder of real tables and labels")
    parser.add_argument("--write", type=Path, help="Markdown file to write as well")
    arguments = parser.parse_args()
    if arguments.raw and (absent := find_absent(arguments.raw)):
        parser.error(f"{arguments.raw} has no {' and no '.join(absent)}")
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure_cases(Path(folder), console=console)
        sections = case_sections(rows)
        ways = {name: row[2] for name, row in zip(CASES, rows, strict=True) if row[2]}
        if arguments.raw:
            with _progress("Iowa", console=console):
                raw, data = arguments.raw.resolve(), Path(folder) / "iowa"
                real, of_iowa = measure_iowa(raw, folder=data)
            sections, ways = sections + real, ways | of_iowa
        sections.append(choice_section(ways))
    for section in sections:
        console.print(section.as_rich())
    if arguments.write:
        arguments.write.write_text(_write_up(sections, real=bool(arguments.raw)))


def _measure_cases(folder: Path, *, console: Console) -> list[tuple[Row, Row, Row]]:
    def measure(name: str) -> tuple[Row, Row, Row]:
        with _progress(name, console=console):
            return measure_case(name, folder=folder / name)

    with ThreadPoolExecutor(BUILDS) as pool:
        return list(pool.map(measure, CASES))


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
