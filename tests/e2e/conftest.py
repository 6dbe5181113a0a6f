"""Builds that several of these files look at."""

from pathlib import Path

import pytest

from tests.conftest import MakeOnce, publish_from, write_small_sample


@pytest.fixture(scope="session")
def noise_data(make_once: MakeOnce) -> Path:
    """Run the pipeline on stores that do not differ by segment, but by chance."""

    def make(folder: Path) -> None:
        size = {"stores": 120, "categories": 2, "weeks": 12, "skus": 60, "seed": 3}
        write_small_sample(folder / "raw", signal="none", **size)
        publish_from(folder / "raw", data=folder)

    return make_once("noise", make)
