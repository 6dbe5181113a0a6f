"""Reads the DAGs as Airflow does, with no network, no other process and no dbt.

Prints, as JSON, what it found; run by test_integrity.py in a process of its own.
"""

import json
import logging
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("a DAG file calls something when it is read")


# A file of as many empty tasks, wired alike.
PLAIN = """
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

for name, wiring in {dags!r}.items():
    with DAG("plain_" + name):
        tasks = {{one: EmptyOperator(task_id=one) for one in wiring}}
    for one, others in wiring.items():
        for other in others:
            tasks[one].set_downstream(tasks[other])
    globals()[name] = tasks[one].dag
"""


def time_reading(folder: str | Path) -> tuple[Any, float]:
    """Return the DAGs of a folder, and the processor seconds of the second reading."""
    from airflow.dag_processing.dagbag import DagBag

    DagBag(folder)
    started = time.process_time()
    return DagBag(folder), time.process_time() - started


def time_plain(dags: dict[str, Any]) -> float:
    wiring = {
        name: {
            task.task_id.replace(".", "_"): sorted(
                other.replace(".", "_") for other in task.downstream_task_ids
            )
            for task in dag.tasks
        }
        for name, dag in dags.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "plain.py").write_text(PLAIN.format(dags=wiring))
        bag, seconds = time_reading(folder)
    assert len(bag.dags) == len(dags), bag.import_errors
    return seconds


def main() -> None:
    import airflow.dag_processing.dagbag  # noqa: F401 - asks what machine this is
    from airflow.configuration import conf

    socket.socket.connect = refuse
    subprocess.Popen.__init__ = refuse
    bag, seconds = time_reading(conf.get("core", "dags_folder"))
    found = {
        "errors": bag.import_errors,
        "seconds": seconds,
        "plain_seconds": time_plain(bag.dags),
        "dbt": "dbt.cli.main" in sys.modules,
        "dags": {
            name: {
                "schedule": type(dag.timetable).__name__,
                "max_active_runs": dag.max_active_runs,
                "tasks": {
                    task.task_id: {
                        "model": getattr(task, "model", None),
                        "downstream": sorted(task.downstream_task_ids),
                        "pool": task.pool,
                    }
                    for task in dag.tasks
                },
            }
            for name, dag in bag.dags.items()
        },
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    logging.disable()
    main()
