"""The databases of the containers: each user may do what it has to, and no more."""

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege
from pydantic import SecretStr

from clustering.airflow.container import prepare
from clustering.store.postgres import load
from clustering.store.runs import PublishedRun
from tests.postgres import postgres

PASSWORDS = {"airflow": "it's one", "publisher": "another"}


@pytest.fixture(scope="module")
def server():
    """Start a server with the databases of the containers, made twice."""
    with postgres() as url:
        for _ in range(2):
            prepare(psycopg2.connect(url), PASSWORDS)
        yield url


def connect(server: str, user: str, database: str):
    url = server.replace("admin@", f"{user}@").replace("/postgres", f"/{database}")
    return psycopg2.connect(url)


def ask(connection, query: str) -> list[tuple]:
    with connection, connection.cursor() as cursor:
        cursor.execute(query)
        rows = cursor.fetchall()
    connection.close()
    return rows


def test_nobody_but_the_superuser_is_one(server):
    query = "select rolname from pg_roles where rolsuper or rolcreaterole"
    assert ask(connect(server, "admin", "postgres"), query) == [("admin",)]


@pytest.mark.parametrize(
    ("user", "database"), [("airflow", "clusters"), ("publisher", "airflow")]
)
def test_each_database_is_its_owners_alone(server, user, database):
    with pytest.raises(psycopg2.OperationalError, match="permission denied"):
        connect(server, user, database)


def test_airflow_makes_its_tables(server):
    made = "create table dag (name text); select count(*) from dag"
    assert ask(connect(server, "airflow", "airflow"), made) == [(0,)]


def test_the_publisher_publishes_and_readers_read_and_no_more(
    server, small_run: PublishedRun
):
    dsn = server.replace("admin@", "publisher@").replace("/postgres", "/clusters")
    for _ in range(2):
        assert load(small_run, SecretStr(dsn))
    admin = connect(server, "admin", "postgres")
    with admin, admin.cursor() as cursor:
        cursor.execute("create role bi login in role store_clustering_reader")
    admin.close()
    [(count,)] = ask(
        connect(server, "bi", "clusters"),
        "select count(*) from store_clustering.store_clusters",
    )
    assert count == len(small_run.read("from store_clusters"))
    for forbidden in (
        "delete from store_clustering.store_clusters returning 1",
        "create table store_clustering.mine (a int)",
    ):
        with pytest.raises(InsufficientPrivilege):
            ask(connect(server, "bi", "clusters"), forbidden)
