"""The signature changes with what a build is made from, and with nothing else."""

import os
import shutil
from datetime import date

import pytest

from clustering.core.contract import CONTRACT
from clustering.core.paths import DBT_PROJECT
from clustering.store import signature
from clustering.store.signature import sign

TODAY = date(2026, 11, 21)


@pytest.fixture
def raw(small_folder, tmp_path):
    """Copy the input, to be changed."""
    return shutil.copytree(small_folder, tmp_path / "raw")


def sign_all(raw, **changed) -> str:
    return sign(
        **{"internal": raw, "external": raw, "settings": {}, "today": TODAY} | changed
    )


def test_a_copy_with_another_time_is_the_same(raw, small_folder):
    for file in raw.iterdir():
        os.utime(file, (0, 0))
    (raw / "notes.txt").write_text("not a table")
    assert sign_all(raw) == sign_all(small_folder)


def test_every_table_and_setting_counts(raw):
    found = {sign_all(raw), sign_all(raw, settings={"max_clusters": 3})}
    for file in sorted(raw.iterdir()):
        content = file.read_bytes()
        file.write_bytes(content + b" ")
        found.add(sign_all(raw))
        file.write_bytes(content)
    assert len(found) == 2 + len(list(raw.iterdir())) == 6


def test_a_table_may_be_a_folder_of_files(raw):
    before = sign_all(raw)
    (raw / "internal_sales").mkdir()
    (raw / "internal_sales.parquet").rename(raw / "internal_sales" / "a.parquet")
    one = sign_all(raw)
    shutil.copy(
        raw / "internal_sales" / "a.parquet", raw / "internal_sales" / "b.parquet"
    )
    assert len({before, one, sign_all(raw)}) == 3


def test_code_counts_and_so_does_the_day_on_which_a_correction_ends(
    raw, tmp_path, monkeypatch
):
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (tmp_path / CONTRACT).parent.mkdir(parents=True)
    shutil.copy(DBT_PROJECT / CONTRACT, tmp_path / CONTRACT)
    monkeypatch.setattr(signature, "DBT_PROJECT", tmp_path)
    before = sign_all(raw)
    (seeds / "moves.csv").write_text(
        "store_id,expires_on\n1,2026-11-20\n2,2027-01-01\n"
    )
    assert sign_all(raw, today=date(2026, 11, 20)) == before
    ended = sign_all(raw)
    assert ended != before
    assert sign_all(raw, today=date(2026, 12, 31)) == ended
    assert sign_all(raw, today=date(2027, 1, 2)) != ended
    code = tmp_path / "ml"
    code.mkdir()
    (code / "fit.py").write_text("1")
    monkeypatch.setattr(signature, "CODE", [code])
    first = sign_all(raw)
    (code / "fit.py").write_text("2")
    assert sign_all(raw) != first
