"""The mappings that docs/input.md shows are what `clustering map` writes."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from clustering.core.input.guesses import guess_mapping
from tests.conftest import PROJECT
from tests.shapes import flat, wide

EXAMPLES = PROJECT / "docs" / "examples"


@pytest.mark.parametrize(("shape", "name"), [(flat, "transactions"), (wide, "weekly")])
def test_an_example_is_what_the_command_writes(
    shape: Callable[[Path, Path], None], name: str, small_folder: Path, tmp_path: Path
):
    shape(small_folder, tmp_path)
    guessed = guess_mapping(tmp_path, contract=(), copies=tmp_path / "copies")
    written = guessed.mapping.model_dump(mode="json", exclude_defaults=True)
    shown = yaml.safe_load((EXAMPLES / f"{name}.yml").read_text())["input"]
    assert {"tables": written["tables"]} == shown
