"""Wall time and peak memory of each stage of the pipeline.

    python -m benchmarks.stages [--raw FOLDER]

Builds twice, each time with `dbt build` in a process of its own and into a data folder
that is thrown away: with one thread, so that time and memory belong to one stage at a
time, and with two, as `make demo` does. Reads memory from /proc, so it needs Linux.
Figures of one run compare with each other; those of two machines do not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from clustering.core.paths import DBT_PROJECT
from clustering.sample import write_sample

DBT = Path(sys.executable).parent / "dbt"
SAMPLE = {"stores": 300, "categories": 4, "weeks": 26, "skus": 120, "seed": 42}
STAGES = ["start", "input check", "staging", "intermediate", "features"]
STAGES += ["clustering (SQL)", "clustering (Python)", "marts", "tests", "rest"]
SAMPLING_SECONDS = 0.02


def main() -> None:
    """Time builds of the sample, or of the folder given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, help="folder of the four input tables")
    raw = parser.parse_args().raw
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        raw = raw.resolve() if raw else make_sample(Path(folder))
        for threads in (1, 2):
            data = Path(folder) / f"threads-{threads}"
            samples = build(data, raw=raw, threads=threads)
            if threads == 1:
                console.print(stage_table(samples, read_stages(data)))
            seconds = samples.index[-1] - samples.index[0]
            console.print(
                f"dbt build, {threads} thread(s): {seconds:.1f} s,"
                f" {samples.max() / 1024:,.0f} MB at most"
            )


def make_sample(data: Path, **size: int) -> Path:
    """Write sample input below ``data`` and return its folder."""
    write_sample(
        data / "raw",
        truth=data / "truth",
        format="parquet",
        progress=lambda message: None,
        **(size or SAMPLE),
    )
    return data / "raw"


def build(data: Path, *, raw: Path, threads: int) -> pd.Series:
    """Run dbt and return its resident memory in KB, by time in seconds."""
    (data / "warehouse").mkdir(parents=True)
    variables = {
        "DATA_DIR": data,
        "INTERNAL_DATA_DIR": raw,
        "EXTERNAL_DATA_DIR": raw,
        "DBT_THREADS": threads,
    }
    process = subprocess.Popen(
        [DBT, "--quiet", "build", "--target-path", data / "target"],
        cwd=DBT_PROJECT,
        env=os.environ | {name: str(value) for name, value in variables.items()},
    )
    samples = {time.time(): 0}
    while process.poll() is None:
        samples[time.time()] = resident_memory(process.pid)
        time.sleep(SAMPLING_SECONDS)
    if process.returncode:
        raise SystemExit(process.returncode)
    return pd.Series(samples)


def resident_memory(pid: int) -> int:
    """Return the process's resident memory in KB; 0 where it has just ended."""
    status = Path(f"/proc/{pid}/status").read_text()
    lines = (line.split() for line in status.splitlines())
    return next((int(line[1]) for line in lines if line[0] == "VmRSS:"), 0)


def read_stages(data: Path) -> pd.DataFrame:
    """Return stage, begin and end, in seconds, of each node that dbt ran."""
    target = data / "target"
    results = json.loads((target / "run_results.json").read_text())["results"]
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    rows = [
        {"stage": stage_of(nodes.get(result["unique_id"], {})), **interval(result)}
        for result in results
        if result["timing"]
    ]
    return pd.DataFrame(rows)


def stage_of(node: dict) -> str:
    """Name the stage that a node of the manifest belongs to."""
    match node.get("resource_type"), node.get("language"):
        case (None, _):
            return "input check"
        case ("model", "python"):
            return "clustering (Python)"
        case ("model", _):
            layer = node["fqn"][1]
            return "clustering (SQL)" if layer == "clustering" else layer
        case ("test" | "unit_test", _):
            return "tests"
    return "rest"


def interval(result: dict) -> dict[str, float]:
    """Return begin and end of a node's run, in seconds."""
    end = max(datetime.fromisoformat(step["completed_at"]) for step in result["timing"])
    return {
        "begin": end.timestamp() - result["execution_time"],
        "end": end.timestamp(),
    }


def stage_table(samples: pd.Series, stages: pd.DataFrame) -> Table:
    """Sum the time of each stage and find the most memory while it ran."""
    start = {"stage": "start", "begin": samples.index[0], "end": stages["begin"].min()}
    stages = pd.concat([pd.DataFrame([start]), stages])
    table = Table("stage")
    table.add_column("seconds", justify="right")
    table.add_column("peak MB", justify="right")
    for stage in STAGES:
        runs = stages[stages["stage"] == stage]
        during = [samples[run.begin : run.end] for run in runs.itertuples()]
        peak = max((sample.max() for sample in during if len(sample)), default=0)
        seconds = (runs["end"] - runs["begin"]).sum()
        if len(runs):
            table.add_row(stage, f"{seconds:.1f}", f"{peak / 1024:,.0f}")
    return table


if __name__ == "__main__":
    main()
