"""The mappings that docs/input.md shows are what `clustering map` writes."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from clustering.core.input.guesses import Guessed, guess_database, guess_mapping
from tests.conftest import PROJECT
from tests.shapes import database, flat, wide

EXAMPLES = PROJECT / "docs" / "examples"


@pytest.mark.parametrize(("shape", "name"), [(flat, "transactions"), (wide, "weekly")])
def test_an_example_is_what_the_command_writes(
    shape: Callable[[Path, Path], None], name: str, small_folder: Path, tmp_path: Path
):
    shape(small_folder, tmp_path)
    guessed = guess_mapping(tmp_path, contract=(), copies=tmp_path / "copies")
    assert written(guessed, "tables") == example(name)


def test_the_example_of_a_database_is_what_the_command_writes(
    small_folder: Path,
    tmp_path: Path,
    postgres_server: str,
    monkeypatch: pytest.MonkeyPatch,
):
    database(small_folder, postgres_server, "example")
    monkeypatch.setenv("RETAIL_DSN", postgres_server)
    guessed = guess_database("RETAIL_DSN", schema="example", copies=tmp_path)
    assert written(guessed, "database", "tables") == example("database")


def written(guessed: Guessed, *keys: str) -> dict:
    """Return some keys of what the command writes."""
    content = guessed.mapping.model_dump(mode="json", exclude_defaults=True)
    return {key: content[key] for key in keys}


def example(name: str) -> dict:
    """Return the mapping that the page shows."""
    return yaml.safe_load((EXAMPLES / f"{name}.yml").read_text())["input"]
