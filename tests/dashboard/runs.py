"""Small runs to query: tables that a test writes down."""

from pathlib import Path

import duckdb
import pandas as pd

from clustering.store.runs import DATABASE, PublishedRun


def write_run(folder: Path, **tables: pd.DataFrame) -> PublishedRun:
    """Write each table into a run's DuckDB file."""
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / DATABASE)) as connection:
        for name, frame in tables.items():
            connection.register("given", frame)
            connection.execute(f"create table {name} as from given")
    return PublishedRun(folder)


def values(chart: object, layer: int = 0) -> pd.DataFrame:
    """Return the data of one layer of a chart."""
    spec = chart.to_dict()
    data = spec["layer"][layer].get("data", spec.get("data"))
    return pd.DataFrame(spec["datasets"][data["name"]])
