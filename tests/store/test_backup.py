"""A backup that was made and restored by the commands of docs/operate.md."""

import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd

from clustering.core.paths import Paths
from clustering.store.integrity import find_damaged
from clustering.store.runs import live_version
from clustering.store.versions import read_versions
from tests.conftest import FEW, PROJECT, run_clustering


def read_blocks() -> tuple[str, str]:
    """Return the commands of the page that back up, and those that restore."""
    page = (PROJECT / "docs" / "operate.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    back_up, restore = [one for one in blocks if "backup.tar" in one]
    return back_up, restore


def assignments(paths: Paths) -> pd.DataFrame:
    return live_version(paths.published).read(
        "select store_id, category, cluster_id from store_clusters order by all"
    )


def test_a_backup_that_is_restored_goes_on_where_it_was(
    paths: Paths, small_folder: Path, tmp_path: Path
):
    data = tmp_path / "data"
    data.mkdir()
    for name in ("published", "registry.sqlite"):
        shutil.move(paths.data / name, data / name)
    paths = Paths(data)
    before, version = assignments(paths), read_versions(paths.published)
    back_up, restore = read_blocks()
    subprocess.run(["sh", "-ec", back_up], cwd=tmp_path, check=True)
    shutil.rmtree(data)

    *lay_out, repair, run = restore.splitlines()
    subprocess.run(["sh", "-ec", "\n".join(lay_out)], cwd=tmp_path, check=True)
    assert (repair, run) == (".venv/bin/clustering repair", ".venv/bin/clustering run")
    repaired = run_clustering("repair", data=data)
    assert repaired.returncode == 0, repaired.stderr
    assert read_versions(paths.published) == version
    pd.testing.assert_frame_equal(assignments(paths), before)
    assert find_damaged(live_version(paths.published).folder) == []

    built = run_clustering("run", "--raw", small_folder, *FEW, data=data)
    assert built.returncode == 0, built.stderr
    assert [one.number for one in read_versions(paths.published)] == [2, 1]
    pd.testing.assert_frame_equal(assignments(paths), before)
