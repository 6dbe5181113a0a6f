"""Reads the DAGs as Airflow does, with no network, no other process and no dbt.

Prints, as JSON, what it found; run by test_integrity.py in a process of its own.
"""

import json
import logging
import socket
import subprocess
import sys
import time


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("a DAG file calls something when it is read")


def main() -> None:
    from airflow.configuration import conf
    from airflow.dag_processing.dagbag import DagBag

    socket.socket.connect = refuse
    subprocess.Popen.__init__ = refuse
    seconds = []
    for _ in range(2):
        started = time.process_time()
        bag = DagBag(conf.get("core", "dags_folder"))
        seconds.append(time.process_time() - started)
    found = {
        "errors": bag.import_errors,
        "seconds": seconds[-1],
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
