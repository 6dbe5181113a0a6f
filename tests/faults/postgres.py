"""Faults of PostgreSQL while a version is loaded into it."""

import os
import random
import signal
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from clustering.store.runs import live_version
from tests.faults.ground import LATER, Ground, Tally, look_as_reader, may_publish
from tests.postgres import postgres, restart


def lose_postgres(
    ground: Ground, dice: random.Random, tally: Tally, *, how: str
) -> bool:
    """Stop, freeze or restart PostgreSQL while it is loaded; then publish again."""
    may_publish(ground)
    with postgres() as dsn:
        told = {"PUBLISH_POSTGRES_DSN": dsn}
        first = live_version(ground.paths.published).name
        if ground.run("approve", first, "--by", "anna", tally=tally, **told):
            return False
        before = rows(dsn)
        publishing = ground.start("publish", **told)
        time.sleep(dice.uniform(0.2, 2.0))
        disturb(dsn, how)
        publishing.wait(tally)
        if how == "stopped":
            start_again(dsn)
        whole = look_as_reader(ground, tally)
        now = rows(dsn)
        if len(now) != 1:
            tally.count("mixed", f"PostgreSQL had {before}, has {now}")
        again = ground.run("publish", tally=tally, **told)
        return whole and again == 0 and rows(dsn) == [LATER]


def rows(dsn: str) -> list[str]:
    """Return the runs that the tables of a database are of."""
    query = """
        select run_id from store_clustering.run
        union
        select run_id from store_clustering.store_clusters
    """
    connection = psycopg2.connect(dsn, connect_timeout=30)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return [run for (run,) in cursor.fetchall()]
    finally:
        connection.close()


def disturb(dsn: str, how: str) -> None:
    """Do something to the server: kill backends, freeze one for a while, or stop."""
    if how == "stopped":
        signal_server(dsn, signal.SIGQUIT)
        return
    if how == "frozen":
        held = backends(dsn)
        for pid in held:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(3)
        for pid in held:
            os.kill(pid, signal.SIGCONT)
        return
    for pid in backends(dsn):  # as a restart ends them
        os.kill(pid, signal.SIGTERM)


def backends(dsn: str) -> list[int]:
    """Return the processes of the server that publish."""
    connection = psycopg2.connect(dsn, connect_timeout=30)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select pid from pg_stat_activity"
                " where application_name = 'store-clustering publish'"
            )
            return [pid for (pid,) in cursor.fetchall()]
    finally:
        connection.close()


def signal_server(dsn: str, number: int) -> None:
    """Send a signal to the server's first process."""
    folder = data_folder(dsn)
    pid = int((folder / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, number)
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.05)


def data_folder(dsn: str) -> Path:
    """Return the folder of a server that runs."""
    port = str(urlsplit(dsn).port)
    for file in Path(tempfile.gettempdir()).glob("postgres-*/data/postmaster.pid"):
        if port in file.read_text().splitlines():
            return file.parent
    raise RuntimeError(f"no server at {dsn}")


def start_again(dsn: str) -> None:
    """Start a server that was stopped, on the same port."""
    port = urlsplit(dsn).port
    for folder in Path(tempfile.gettempdir()).glob("postgres-*/data"):
        options = folder / "postmaster.opts"
        if options.exists() and f'"-p" "{port}"' in options.read_text():
            restart(folder)
            return
    raise RuntimeError(f"no server at {dsn}")
