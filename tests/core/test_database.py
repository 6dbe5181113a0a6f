"""Tables of a real PostgreSQL, read by mapping."""

import os
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from clustering.core.errors import InputError
from clustering.core.input.database import fetch, tables_of

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
    copy = fetch(shops, database=DSN, folder=tmp_path)
    assert copy.read_text() == "id,rent\n0042,7.5\n"
    add_a_shop()
    assert fetch(shops, database=DSN, folder=tmp_path).read_text().count("\n") == 2
    anew = fetch(shops, database=DSN, folder=tmp_path, max_age=0)
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
        fetch(shops, database=DSN, folder=tmp_path)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_missing_table_and_an_empty_schema_are_named(shops, tmp_path):
    with pytest.raises(InputError, match=r'"public\.gone" does not exist'):
        fetch("public.gone", database=DSN, folder=tmp_path)
    with pytest.raises(InputError, match="no table in the schema 'gone'"):
        tables_of("gone", database=DSN)
    assert not list(Path(tmp_path).iterdir())
