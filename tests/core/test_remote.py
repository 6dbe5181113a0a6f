"""Files at s3:// and https://, read by mapping."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from clustering.core.contract import Table, read_contract
from clustering.core.errors import InputError, SettingsError
from clustering.core.input.extensions import VERSION, connect_with
from clustering.core.input.files import copies_of, find_files
from clustering.core.input.mapped import plain_reader
from clustering.core.input.remote import download, shown
from clustering.core.mapping import Mapping
from clustering.core.paths import DBT_PROJECT
from clustering.store.facts import sign
from tests.servers import http, s3, upload


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Fill a bucket; give the variables that lead to it."""
    folder = tmp_path_factory.mktemp("bucket")
    for name, text in {
        "weeks/w1.csv": "shop,amount\n1,2\n",
        "weeks/w2.csv": "shop,amount\n1,3\n",
        "weeks/_started/w3.csv": "shop,amount\n9,9\n",
        "weeks/notes.pdf": "x",
        "hive/shop=0042/part.csv": "amount\n7\n",
        "hive/shop=0043/part.csv": "amount\n8\n",
        "odd/a[1]*.csv": "shop\n1\n",
        "odd/a1.csv": "shop\n2\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "old").mkdir()
    (folder / "old" / "x.csv").write_bytes("shop\nK\xf6ln\n".encode("cp1252"))
    with s3() as variables:
        upload(folder, "retail", variables)
        yield variables


@pytest.fixture(autouse=True)
def _here(
    bucket: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (bucket | {"DATA_DIR": str(tmp_path / "data")}).items():
        monkeypatch.setenv(name, value)


def stores() -> Table:
    tables = read_contract(DBT_PROJECT)
    return next(table for table in tables if table.name == "store_attributes")


def mapping_of(files: str | list[str], **more: str) -> Mapping:
    columns = {"STORE_NBR": "shop"}
    table = {"files": files, "columns": columns, **more}
    return Mapping.model_validate({"tables": {"store_attributes": table}})


def rows(files: str | list[str]) -> list[tuple]:
    """Return the rows that a build reads."""
    mapping = mapping_of(files)
    found = find_files(stores(), mapping)
    reader = plain_reader(mapping.tables["store_attributes"], found)
    return duckdb.sql(f"from {reader} order by all").fetchall()


@pytest.mark.parametrize(
    "files",
    [
        "s3://retail/weeks/*.csv",
        "s3://retail/weeks",
        "s3://retail/weeks/",
        ["s3://retail/weeks/w1.csv", "s3://retail/weeks/w2.csv"],
    ],
)
def test_a_file_a_pattern_and_a_folder_of_s3_are_read(files):
    assert rows(files) == [("1", "2"), ("1", "3")]


def test_values_in_the_names_of_folders_stay_text():
    assert rows("s3://retail/hive") == [("7", "0042"), ("8", "0043")]


def test_a_name_with_signs_of_a_pattern_is_one_file(tmp_path):
    copy = download("s3://retail/odd/a[1]*.csv", tmp_path)
    assert copy.read_text() == "shop\n1\n"


def test_a_copy_is_made_once_for_each_state_of_a_file(tmp_path):
    (tmp_path / "site").mkdir()
    file = tmp_path / "site" / "a.csv"
    file.write_text("shop\n1\n")
    with http(tmp_path / "site") as address:
        url = f"{address}/a.csv?token=s3cret"
        first = download(url, tmp_path)
        assert first.read_text() == "shop\n1\n"
        made = first.stat().st_ino
        assert download(url, tmp_path).stat().st_ino == made
        file.write_text("shop\n1\n2\n")
        second = download(url, tmp_path)
        assert second.read_text() == "shop\n1\n2\n"
        assert not first.exists()
        mapping = mapping_of(url)
        assert [copy.name for copy in copies_of("store_attributes", mapping)] == [
            second.name
        ]
        assert "s3cret" not in str(second)


def test_messages_name_the_users_file_and_not_its_copy():
    mapping = mapping_of("s3://retail/old/x.csv")
    found = find_files(stores(), mapping)
    assert found.where == found.original(found.paths[0]) == "s3://retail/old/x.csv"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ("s3://retail/gone*.csv", "no file s3://retail/gone*.csv, which input.tables"),
        ("s3://retail/gone.csv", "s3://retail/gone.csv: there is no such file; put"),
        ("s3://gone/a.csv", "s3://gone/a.csv: there is no such file; put it there"),
        ("HOST/gone.csv?token=s3cret", "/gone.csv: there is no such file"),
        (
            "HOST/a.csv?token=wrong",
            "/a.csv: the server does not give it; check",
        ),
        ("http://127.0.0.1:9/a.csv?token=s3cret", "the server cannot be reached"),
        ("HOST/export?token=s3cret", "/export: its name does not say what it is"),
    ],
)
def test_what_is_wrong_is_one_line_without_access(tmp_path, files, says):
    (tmp_path / "a.csv").write_text("shop\n1\n")
    with http(tmp_path) as address, pytest.raises(InputError) as error:
        rows(files.replace("HOST", address))
    said = str(error.value)
    assert says in said
    assert "\n" not in said
    assert "s3cret" not in said
    assert "Error" not in said


def test_an_address_is_shown_without_user_and_query():
    assert shown("https://me:pw@host:1/a.csv?sig=x") == "https://host:1/a.csv"
    assert shown("s3://b/a?.csv?s3_secret_access_key=x") == "s3://b/a?.csv"


def test_a_missing_extension_is_named_with_the_extra():
    with pytest.raises(SettingsError) as error:
        connect_with("gone", what="s3://retail")
    assert "s3://retail needs DuckDB's extension gone" in str(error.value)
    assert f"pip install duckdb-extension-gone=={VERSION}" in str(error.value)


def test_another_token_in_an_address_is_no_change(tmp_path):
    (tmp_path / "a.csv").write_text("shop\n1\n")

    def signature(token: str) -> str:
        mapping = mapping_of(f"{address}/a.csv?token={token}")
        where = {"internal": tmp_path, "external": tmp_path}
        today = datetime.date(2026, 1, 1)
        return sign(**where, settings={}, today=today, mapping=mapping)

    with http(tmp_path) as address:
        before = signature("s3cret")
        assert signature("s3cret&again") == before
        (tmp_path / "a.csv").write_text("shop\n1\n2\n")
        assert signature("s3cret") != before
