"""Files that are put into the raw folder start a run."""

import shutil
import time
from pathlib import Path

from tests.dags.client import airflow_in

DAG = "store_clustering"


def test_new_files_start_a_run_when_they_are_whole(
    small_folder: Path, tmp_path: Path
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    with airflow_in(tmp_path, WATCH_RAW="true") as airflow:
        whole = (small_folder / "internal_sales.parquet").read_bytes()
        for table in ("need_state", "external_sales", "store_attributes"):
            shutil.copy(small_folder / f"{table}.parquet", raw)
        with (raw / "internal_sales.parquet").open("wb") as file:
            steps = range(0, len(whole), len(whole) // 8)
            for start in steps:  # longer than files must have been stable
                file.write(whole[start : start + len(whole) // 8])
                file.flush()
                time.sleep(2)
                assert airflow.runs(DAG) == []

        run = airflow.wait_for_run(DAG, known=0)
        assert airflow.wait(DAG, run) == "success", airflow.states(DAG, run)
        assert run.startswith("asset_triggered")
        assert (airflow.published / "store_clusters.parquet").exists()
        time.sleep(20)
        assert len(airflow.runs(DAG)) == 1
