"""A part of Airflow in a container: `python -m clustering.airflow.container scheduler`.

This process waits for the database, and becomes the part. With `init` it makes the
databases, or brings them up to date, and ends.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection
from psycopg2.sql import SQL, Identifier
from sqlalchemy.engine import make_url

from clustering.airflow.local import PARTS

# The database that BI tools read, beside Airflow's own.
SERVING = "clusters"
SECONDS_TO_WAIT = 300


def main() -> None:
    """Do what the argument says."""
    part = sys.argv[1]
    database = wait_for_database()
    if part == "init":
        make_database(SERVING, by=database)
        _airflow("db", "migrate")
        _airflow("pools", "set", "duckdb", "1", "Builds take turns.")
        return
    _airflow("db", "check-migrations", "--migration-wait-timeout", str(SECONDS_TO_WAIT))
    if part == "api-server":
        write_passwords()
    os.execvp("airflow", ["airflow", part, *PARTS[part]])


def wait_for_database() -> connection:
    """Connect to Airflow's database; try again while it is not there yet."""
    url = make_url(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    until = time.monotonic() + SECONDS_TO_WAIT
    while True:
        try:
            return psycopg2.connect(
                host=url.host,
                port=url.port,
                user=url.username,
                password=url.password,
                dbname=url.database,
            )
        except psycopg2.OperationalError as error:
            if time.monotonic() > until:
                sys.exit(f"Error: no database at {url}: {error}")
        time.sleep(1)


def make_database(name: str, *, by: connection) -> None:
    """Make a database, unless it is there."""
    by.autocommit = True
    with by.cursor() as cursor:
        cursor.execute("select 1 from pg_database where datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(SQL("create database {}").format(Identifier(name)))


def write_passwords() -> None:
    """Tell the simple auth manager the password of the one user."""
    file = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    file.touch(mode=0o600)
    user, password = os.environ["AIRFLOW_USER"], os.environ["AIRFLOW_PASSWORD"]
    file.write_text(json.dumps({user: password}))


def _airflow(*command: str) -> None:
    done = subprocess.run(["airflow", *command], check=False)
    if done.returncode:
        sys.exit(f"Error: airflow {' '.join(command[:2])} failed")


if __name__ == "__main__":
    main()
