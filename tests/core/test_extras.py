"""Extras: what is installed without them runs without them."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from clustering.core.paths import PROJECT

# Modules that are imported once their extra is known to be there.
EXTRAS = {
    "airflow": ("clustering/airflow/",),
    "dashboard": (
        "clustering/dashboard/",
        "clustering/export/report.py",
        "clustering/presentation/charts/",
        "clustering/presentation/style.py",
    ),
    "mcp": ("clustering/mcp/",),
}
DISTRIBUTIONS = packages_distributions()


def modules() -> list[Path]:
    return [
        file.relative_to(PROJECT)
        for package in ("clustering", "ml")
        for file in sorted((PROJECT / package).rglob("*.py"))
    ]


def locked(name: str) -> set[str]:
    """Return the packages that a lock file has."""
    text = (PROJECT / "locks" / f"{name}.txt").read_text()
    return set(re.findall(r"^([\w.-]+)", text, re.MULTILINE))


def imported(module: Path) -> Iterator[str]:
    """Yield the packages of others that a module imports when it is imported."""
    for node in ast.parse((PROJECT / module).read_text()).body:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("module", modules(), ids=str)
def test_a_module_imports_what_its_environment_has(module):
    own = [
        extra
        for extra, places in EXTRAS.items()
        if module.as_posix().startswith(places)
    ]
    there = set().union(*(locked(name) for name in ["run", *own]))
    names = {*imported(module)} - {*sys.stdlib_module_names, "clustering", "ml"}
    for name in names:
        found = {re.sub(r"[._]", "-", one.lower()) for one in DISTRIBUTIONS[name]}
        assert found & there, f"{name} is not among what is installed"
