"""A reader that stops reading the output of a run does not stop the run."""

import subprocess

from clustering.store.runs import current_run
from tests.conftest import CLUSTERING, run_environment


def test_a_run_whose_reader_goes_away_ends_and_publishes(small_folder, tmp_path):
    settings = ("bootstrap_resamples=2", "stability_resamples=2", "max_clusters=3")
    params = [text for one in settings for text in ("--param", one)]
    with subprocess.Popen(
        [CLUSTERING, "run", "--raw", small_folder, *params],
        env=run_environment(tmp_path),
        stdout=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=300) == 0
    assert current_run(tmp_path / "published") is not None
