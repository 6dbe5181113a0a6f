"""A part of Airflow in a container: `python -m clustering.airflow.container scheduler`.

This process waits for the database, and becomes the part. With `init` it makes the
databases, or brings them up to date, and ends.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import connection
from psycopg2.sql import SQL, Identifier, Literal
from sqlalchemy.engine import URL, make_url

from clustering.airflow.local import PARTS
from clustering.store.postgres import READERS

# Each database and its owner, who is no superuser: that of Airflow, and the one that BI
# tools read.
DATABASES = {"airflow": "airflow", "clusters": "publisher"}
SUPERUSER = "postgres"
SECONDS_TO_WAIT = 300


def main() -> None:
    """Do what the argument says."""
    part = sys.argv[1]
    url = make_url(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    if part == "init":
        # Airflow's part needs no more than Airflow's own user
        superuser = os.environ.pop("POSTGRES_PASSWORD")
        prepare(
            wait_for_database(
                url.set(username=SUPERUSER, password=superuser, database=SUPERUSER)
            ),
            {
                "airflow": os.environ.pop("AIRFLOW_DB_PASSWORD"),
                "publisher": os.environ.pop("PUBLISHER_PASSWORD"),
            },
        )
        _airflow("db", "migrate")
        _airflow("pools", "set", "duckdb", "1", "Builds take turns.")
        return
    wait_for_database(url).close()
    _airflow("db", "check-migrations", "--migration-wait-timeout", str(SECONDS_TO_WAIT))
    if part == "api-server":
        write_passwords()
    os.execvp("airflow", ["airflow", part, *PARTS[part]])


def wait_for_database(url: URL) -> connection:
    """Connect to a database; try again while it is not there yet."""
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
                sys.exit(f"Error: no database at {url!r}: {error}")
        time.sleep(1)


def prepare(superuser: connection, passwords: Mapping[str, str]) -> None:
    """Make the databases, who owns them and who reads them, or bring them up to date.

    Parameters
    ----------
    superuser : connection
        Of PostgreSQL's superuser, which is closed.
    passwords : mapping
        By the names of owners.
    """
    superuser.autocommit = True
    with superuser.cursor() as cursor:
        for role, password in passwords.items():
            _make_role(cursor, role)
            _execute(cursor, "alter role {} login password {}", role, password)
        _make_role(cursor, READERS)
        for database, owner in DATABASES.items():
            _make_database(cursor, database, owner)
        _execute(cursor, "grant connect on database clusters to {}", READERS)
    superuser.close()


def _make_role(cursor: Any, name: str) -> None:
    cursor.execute("select 1 from pg_roles where rolname = %s", [name])
    if cursor.fetchone() is None:
        _execute(cursor, "create role {}", name)


def _make_database(cursor: Any, name: str, owner: str) -> None:
    """Make a database that nobody but its owner may enter."""
    cursor.execute("select 1 from pg_database where datname = %s", [name])
    if cursor.fetchone() is None:
        _execute(cursor, "create database {}", name)
    owned = SQL("alter database {} owner to {}")
    cursor.execute(owned.format(Identifier(name), Identifier(owner)))
    _execute(cursor, "revoke connect on database {} from public", name)


def _execute(cursor: Any, statement: str, name: str, *values: str) -> None:
    """Execute a statement about what has this name."""
    parts = [Identifier(name), *map(Literal, values)]
    cursor.execute(SQL(statement).format(*parts))


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
