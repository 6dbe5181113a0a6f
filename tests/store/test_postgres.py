"""Published runs in PostgreSQL: a real server, and readers beside the publisher."""

import os
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import psycopg2
import pytest
from pydantic import SecretStr

from clustering.core.environments import Publishing
from clustering.core.errors import PipelineError
from clustering.store import postgres
from clustering.store.postgres import load
from clustering.store.runs import PublishedRun
from tests.conftest import run_clustering


@pytest.fixture
def dsn(postgres_server: str) -> str:
    """Give a server on which nothing was ever published."""
    with psycopg2.connect(postgres_server) as connection:
        connection.cursor().execute("drop schema if exists store_clustering cascade")
    connection.close()
    return postgres_server


@pytest.fixture
def next_run(small_run: PublishedRun, tmp_path) -> PublishedRun:
    """Another run, of other stores."""
    folder = tmp_path / "20301121T121500Z-ffffffffffff"
    shutil.copytree(small_run.folder, folder)
    run = PublishedRun(folder)
    with duckdb.connect(str(run.database)) as connection:
        for table in ("run", "store_clusters"):
            connection.execute(f"update {table} set run_id = 'ffffffffffff'")
        connection.execute("delete from store_clusters where store_id > '1020'")
    return run


def rows(dsn: str, sql: str) -> list[tuple]:
    connection = psycopg2.connect(dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    finally:
        connection.close()


# Of a first run that nobody has corrected, on input without oddities.
EMPTY = ("corrections", "feature_drift", "input_notes")


def test_every_table_has_the_rows_of_the_run(dsn, small_run):
    tables = load(small_run, SecretStr(dsn))
    assert {"store_clusters", "cluster_summary", "run", "run_tests"} <= set(tables)
    for table in tables:
        wanted = duckdb_rows(small_run, table)
        found = rows(dsn, f"select * from store_clustering.{table}")
        assert wanted or table in EMPTY, table
        assert sorted(map(repr, found)) == sorted(map(repr, wanted)), table


def duckdb_rows(run: PublishedRun, table: str) -> list[tuple]:
    with duckdb.connect(str(run.database), read_only=True) as connection:
        return connection.execute(f"from {table}").fetchall()


def test_a_second_run_takes_the_place_of_the_first(dsn, small_run, next_run):
    load(small_run, SecretStr(dsn))
    load(next_run, SecretStr(dsn))
    found = rows(dsn, "select distinct run_id from store_clustering.store_clusters")
    assert found == [("ffffffffffff",)]


def test_a_reader_in_a_transaction_sees_one_run_and_does_not_wait(
    dsn, small_run, next_run
):
    load(small_run, SecretStr(dsn))
    reader = psycopg2.connect(dsn)
    reader.set_session(isolation_level="REPEATABLE READ")
    with reader.cursor() as cursor:
        cursor.execute("select run_id from store_clustering.run")
        before = cursor.fetchone()
        load(next_run, SecretStr(dsn))  # waits for nobody either
        cursor.execute("select distinct run_id from store_clustering.store_clusters")
        assert cursor.fetchall() == [before]
    reader.close()


def test_readers_who_may_only_read_are_granted_that(dsn, small_run):
    load(small_run, SecretStr(dsn))
    login = dsn.replace("admin@", "bi@")
    rows_of = "drop role if exists bi; create role bi login in role"
    with psycopg2.connect(dsn) as connection:
        connection.cursor().execute(f"{rows_of} store_clustering_reader")
    connection.close()
    ((count,),) = rows(login, "select count(*) from store_clustering.store_clusters")
    assert count == len(small_run.read("from store_clusters"))
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        rows(login, "delete from store_clustering.store_clusters returning 1")


def test_tables_carry_what_the_marts_say_of_themselves(dsn, small_run):
    load(small_run, SecretStr(dsn))
    ((comment,),) = rows(
        dsn, "select obj_description('store_clustering.store_clusters'::regclass)"
    )
    assert comment.startswith("One row per store and category")


def test_a_table_with_other_columns_is_made_anew(dsn, small_run):
    load(small_run, SecretStr(dsn))
    with psycopg2.connect(dsn) as connection:
        connection.cursor().execute(
            "alter table store_clustering.store_clusters drop column silhouette;"
            "comment on table store_clustering.run_tests is 'ours';"
            "create table store_clustering.gone (a int);"
            "comment on table store_clustering.gone is 'a mart of an older version';"
            "create table store_clustering.somebodys (a int)"
        )
    connection.close()
    load(small_run, SecretStr(dsn))
    found = rows(dsn, "select silhouette is null from store_clustering.store_clusters")
    assert len(found) == len(small_run.read("from store_clusters"))
    ((gone, somebodys),) = rows(
        dsn,
        "select to_regclass('store_clustering.gone'),"
        " to_regclass('store_clustering.somebodys')",
    )
    assert (gone, somebodys) == (None, "store_clustering.somebodys")


def test_what_cannot_be_loaded_changes_nothing_and_says_so(dsn, small_run, next_run):
    load(small_run, SecretStr(dsn))
    with psycopg2.connect(dsn) as connection:
        # a view of somebody's, on a column that shall be another
        connection.cursor().execute(
            "alter table store_clustering.store_map add column extra int;"
            "create view public.places as select extra from store_clustering.store_map"
        )
    connection.close()
    with pytest.raises(PipelineError, match=r"still has the run before 2030.*places"):
        load(next_run, SecretStr(dsn))
    with psycopg2.connect(dsn) as connection:
        connection.cursor().execute("drop view public.places")
    connection.close()
    found = rows(dsn, "select distinct run_id from store_clustering.store_clusters")
    assert found == [(small_run.run_id,)]


def test_a_role_that_was_made_again_may_read_again(dsn, small_run):
    load(small_run, SecretStr(dsn))
    command(
        dsn,
        "drop owned by store_clustering_reader; drop role store_clustering_reader;"
        "comment on table store_clustering.run is 'old'",
    )
    load(small_run, SecretStr(dsn))
    ((allowed, comment),) = rows(
        dsn,
        "select has_table_privilege('store_clustering_reader',"
        " 'store_clustering.run', 'select'),"
        " obj_description('store_clustering.run'::regclass)",
    )
    assert (allowed, comment[:7]) == (True, "One row")


def test_text_arrives_to_the_letter(dsn, next_run):
    text = "a\r\nb\rc \"d\", 'e' \\. ü"
    with duckdb.connect(str(next_run.database)) as connection:
        connection.execute("update cluster_summary set cluster_name = ?", [text])
        connection.execute("update cluster_quality set verdict = ''")
    load(next_run, SecretStr(dsn))
    found = rows(
        dsn, "select distinct cluster_name from store_clustering.cluster_summary"
    )
    assert found == [(text,)]
    found = rows(dsn, "select distinct verdict from store_clustering.cluster_quality")
    assert found == [("",)]


def test_a_reader_who_holds_a_table_of_other_columns_is_not_locked_out(
    dsn, small_run, next_run
):
    load(small_run, SecretStr(dsn))
    command(dsn, "alter table store_clustering.store_map add column extra int")
    reader = psycopg2.connect(dsn)
    with reader.cursor() as cursor:
        cursor.execute("select count(*) from store_clustering.store_map")
        with pytest.raises(PipelineError, match="lock timeout"):
            load(next_run, SecretStr(dsn))
        cursor.execute("select run_id from store_clustering.run")
        assert cursor.fetchone() == (small_run.run_id,)
    reader.close()
    load(next_run, SecretStr(dsn))
    ((found,),) = rows(dsn, "select count(*) from store_clustering.store_map")
    assert found == len(next_run.read("from store_map"))


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql//bi:s3cret@db/x",
        "postgresql://bi:p@s3cret@db/x",
        "postgresql://bi:s3cret/@db/x",
        "postgresql://bi:a:s3cret@db/x",
        "host=db password=a s3cret",
    ],
)
def test_a_connection_string_that_cannot_be_read_is_not_told(small_run, dsn):
    with pytest.raises(PipelineError, match="connection string cannot be") as error:
        load(small_run, SecretStr(dsn))
    assert "s3cret" not in str(error.value)
    assert "s3cret" not in repr(Publishing(postgres=SecretStr(dsn)))


def command(dsn: str, sql: str) -> None:
    with psycopg2.connect(dsn) as connection:
        connection.cursor().execute(sql)
    connection.close()


def test_a_database_that_is_not_there_is_one_line(small_run):
    with pytest.raises(PipelineError, match=r"PostgreSQL still has.*refused") as error:
        load(small_run, SecretStr("postgresql://nobody@127.0.0.1:1/none"))
    assert "\n" not in str(error.value)


def test_psql_reads_it(dsn, small_run):
    load(small_run, SecretStr(dsn))
    query = "select count(*) from store_clustering.store_clusters"
    done = subprocess.run(
        ["psql", dsn, "--no-align", "--tuples-only", "--command", query],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == len(small_run.read("from store_clusters"))


FROZEN = """
    select pid
    from pg_stat_activity
    where application_name = 'store-clustering publish' and wait_event = 'advisory'
"""


def test_a_server_that_hangs_is_not_waited_for_without_an_end(
    dsn, small_run, monkeypatch
):
    monkeypatch.setattr(postgres, "SECONDS_TO_LOAD", 3)
    holder = psycopg2.connect(dsn)
    frozen = []
    try:
        holder.cursor().execute("select pg_advisory_lock(%s)", [postgres.LOCK])

        def freeze() -> None:
            while not frozen:
                frozen.extend(pid for (pid,) in rows(dsn, FROZEN))
            os.kill(frozen[0], signal.SIGSTOP)

        with ThreadPoolExecutor() as beside:
            freezing = beside.submit(freeze)
            with pytest.raises(PipelineError, match="publish again"):
                load(small_run, SecretStr(dsn))
            freezing.result()
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
        holder.close()
    assert load(small_run, SecretStr(dsn))


def test_no_file_and_no_line_has_the_password(paths):
    dsn = "postgresql://bi:s3cret@127.0.0.1:1/none"
    for command in (["publish"], ["status"]):
        said = run_clustering(*command, data=paths.data, PUBLISH_POSTGRES_DSN=dsn)
        assert "s3cret" not in said.stdout + said.stderr
        assert "127.0.0.1" in said.stdout + said.stderr
    for file in filter(Path.is_file, paths.data.rglob("*")):
        assert b"s3cret" not in file.read_bytes(), file
