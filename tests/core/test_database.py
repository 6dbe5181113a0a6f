"""Tables and queries of a real PostgreSQL and of a DuckDB file, read by mapping."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg2
import pytest

from clustering.core.errors import InputError
from clustering.core.input.database import fetch, tables_of
from clustering.core.mapping import MappedTable

DSN = "RETAIL_DSN"


@pytest.fixture
def shops(postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a table of two shops, whose schema and name need quotes."""
    with closing(psycopg2.connect(postgres_server)) as connection:
        cursor = connection.cursor()
        cursor.execute('drop schema if exists "My Data" cascade')
        cursor.execute('create schema "My Data"')
        cursor.execute('create table "My Data"."Shops" (id varchar, rent numeric)')
        cursor.execute("""insert into "My Data"."Shops" values ('0042', 7.5)""")
        connection.commit()
    monkeypatch.setenv(DSN, postgres_server)
    return "My Data.Shops"


def add_a_shop() -> None:
    with closing(psycopg2.connect(os.environ[DSN])) as connection:
        connection.cursor().execute(
            """insert into "My Data"."Shops" values ('0043', null)"""
        )
        connection.commit()


def test_a_table_is_copied_as_csv_and_the_copy_serves_for_a_while(shops, tmp_path):
    assert tables_of("My Data", database=DSN) == [shops]
    table = MappedTable(table=shops)
    copy = fetch(table, database=DSN, folder=tmp_path)
    assert copy.read_text() == "id,rent\n0042,7.5\n"
    add_a_shop()
    assert fetch(table, database=DSN, folder=tmp_path).read_text().count("\n") == 2
    anew = fetch(table, database=DSN, folder=tmp_path, max_age=0)
    assert anew.read_text() == "id,rent\n0042,7.5\n0043,\n"
    assert anew == copy


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "environment variable RETAIL_DSN is not set"),
        ("postgresql://me:secret@127.0.0.1:1/x", "My Data.Shops of RETAIL_DSN: "),
        ("nonsense secret", "its connection string cannot be read"),
    ],
)
def test_what_is_wrong_is_one_line_without_credentials(
    shops, tmp_path, monkeypatch, address, says
):
    monkeypatch.setenv(DSN, address)
    with pytest.raises(InputError) as error:
        fetch(MappedTable(table=shops), database=DSN, folder=tmp_path)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_missing_table_and_an_empty_schema_are_named(shops, tmp_path):
    with pytest.raises(InputError, match=r'"public\.gone" does not exist'):
        fetch(MappedTable(table="public.gone"), database=DSN, folder=tmp_path)
    with pytest.raises(InputError, match="no table in the schema 'gone'"):
        tables_of("gone", database=DSN)
    assert not list(Path(tmp_path).iterdir())


def test_a_query_is_read_and_may_change_nothing(shops, tmp_path):
    query = MappedTable(query='select id from "My Data"."Shops"; -- shops\n;')
    with pytest.raises(InputError, match="syntax error"):
        fetch(query, database=DSN, folder=tmp_path)
    query = MappedTable(query='select id from "My Data"."Shops" -- all\n;')
    assert fetch(query, database=DSN, folder=tmp_path).read_text() == "id\n0042\n"
    delete = MappedTable(query='delete from "My Data"."Shops" returning id')
    with pytest.raises(InputError, match="read-only") as error:
        fetch(delete, database=DSN, folder=tmp_path)
    assert """query 'delete from "My Data"."Shops" returning ..'""" in str(error.value)


@pytest.fixture
def retail(tmp_path: Path) -> str:
    """Make a DuckDB file with a table and a view."""
    file = tmp_path / "retail.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            """create table "Shops" as select '0042' as id, 7.5 as rent;
            create view dear as from "Shops" where rent > 7;
            create schema old; create table old.shops as select 1 as id"""
        )
    return str(file)


@pytest.mark.parametrize(
    "mapped",
    [
        {"table": "main.Shops"},
        {"table": "dear"},
        {"query": "select id, rent from dear -- all\n;"},
    ],
)
def test_what_is_in_a_duckdb_file_is_copied_once_for_each_of_its_states(
    retail, tmp_path, mapped
):
    table, folder = MappedTable(**mapped), tmp_path / "copies"
    first = fetch(table, database=retail, folder=folder)
    assert duckdb.sql(f"from '{first}'").fetchall() == [("0042", 7.5)]
    assert fetch(table, database=retail, folder=folder) == first
    with duckdb.connect(retail) as connection:
        connection.execute("""insert into "Shops" values ('0043', 8)""")
    second = fetch(table, database=retail, folder=folder)
    assert len(duckdb.sql(f"from '{second}'").fetchall()) == 2
    assert list(folder.iterdir()) == [second]


def test_tables_of_a_duckdb_file_are_listed_by_schema(retail):
    assert tables_of("main", database=retail) == ["main.Shops", "main.dear"]
    assert tables_of("old", database=retail) == ["old.shops"]
    with pytest.raises(InputError, match="no table in the schema 'public'"):
        tables_of("public", database=retail)


@pytest.mark.parametrize(
    ("mapped", "says"),
    [
        ({"table": "gone"}, "gone of FILE: Table with name gone does not exist"),
        ({"query": "selec 1"}, "query 'selec 1' of FILE: "),
        ({"query": "drop table dear"}, "query 'drop table dear' of FILE: "),
    ],
)
def test_what_is_wrong_in_a_duckdb_file_is_one_line(retail, tmp_path, mapped, says):
    with pytest.raises(InputError) as error:
        fetch(MappedTable(**mapped), database=retail, folder=tmp_path / "copies")
    assert says.replace("FILE", retail) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_database_or_is_in_use_is_said(tmp_path, retail):
    table = MappedTable(table="main.Shops")
    (tmp_path / "text.db").write_text("x" * 5000)
    for name, says in (
        ("gone.duckdb", "gone.duckdb: no such file"),
        ("text.db", "it is no DuckDB file"),
    ):
        with pytest.raises(InputError, match=says):
            fetch(table, database=str(tmp_path / name), folder=tmp_path)
    code = f"import duckdb; c = duckdb.connect({retail!r}); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        writer.stdout.readline()
        with pytest.raises(InputError, match="another program has it open"):
            fetch(table, database=retail, folder=tmp_path)
        writer.communicate(b"\n")
