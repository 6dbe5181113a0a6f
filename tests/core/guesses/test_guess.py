"""Files of any names and shapes, whose contents say what they are."""

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.core.errors import InputError
from clustering.core.input import open_input
from clustering.core.input.guesses import Guessed, guess_mapping
from clustering.core.paths import DBT_PROJECT
from tests.conftest import SHARED, write_small_sample
from tests.shapes import flat, flat_without_names, rename_at_random, wide, workbook

TABLES = ["internal_sales", "need_state", "external_sales", "store_attributes"]
KEYS = {
    "internal_sales": [
        *("STORE_NBR", "SKU_NBR", "CAT_DSC", "TOTAL_SALES", "UNITS", "PERIOD_START")
    ],
    "need_state": ["PRODUCT_ID", "CATEGORY", "NEED_STATE"],
    "external_sales": ["STORE_NBR", "CATEGORY"],
    "store_attributes": ["STORE_NBR", "LATITUDE", "LONGITUDE"],
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "raw"
    write_small_sample(folder, stores=60, categories=2, weeks=12, skus=40, seed=3)
    return folder


def guess(folder: Path) -> Guessed:
    return guess_mapping(folder, contract=TABLES, copies=folder.parent / "copies")


def columns(guessed: Guessed, table: str, names: Sequence[str]) -> dict[str, str]:
    found = guessed.mapping.tables[table].columns
    return {name: found[name] for name in names if name in found}


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32))
def test_columns_renamed_at_random_are_known_by_their_contents(
    sample, tmp_path_factory, seed
):
    folder = tmp_path_factory.mktemp("renamed")
    names = rename_at_random(sample, folder, random.Random(seed))
    guessed = guess(folder)
    assert guessed.problem is None
    for table, wanted in KEYS.items():
        found = columns(guessed, table, wanted)
        assert found == {name: names[table, name] for name in wanted}


def test_files_of_any_names_are_known_by_their_contents(sample, tmp_path):
    names = rename_at_random(sample, tmp_path, random.Random(1))
    for number, table in enumerate(TABLES):
        (tmp_path / f"{table}.parquet").rename(tmp_path / f"part{number}.parquet")
    guessed = guess(tmp_path)
    for table, wanted in KEYS.items():
        found = columns(guessed, table, wanted)
        assert found == {name: names[table, name] for name in wanted}


def test_a_flat_file_of_transactions_is_three_tables(sample, tmp_path):
    flat(sample, tmp_path)
    tables = guess(tmp_path).mapping.tables
    assert tables["internal_sales"].columns == {
        "STORE_NBR": "store",
        "SKU_NBR": "sku",
        "CAT_DSC": "category",
        "TOTAL_SALES": "amount",
        "UNITS": "qty",
        "PERIOD_START": "date",
    }
    assert tables["internal_sales"].dates == "%m/%d/%Y"
    assert tables["need_state"].columns == {
        "PRODUCT_ID": "sku",
        "CATEGORY": "category",
        "NEED_STATE": "subcategory",
    }
    assert tables["need_state"].distinct
    assert tables["store_attributes"].columns == {"STORE_NBR": "store"}
    assert tables["store_attributes"].features == ["city"]
    assert tables["store_attributes"].distinct


def test_a_flat_file_without_names_is_known_by_its_contents(sample, tmp_path):
    names = flat_without_names(sample, tmp_path)
    found = guess(tmp_path).mapping.tables["internal_sales"].columns
    assert found["STORE_NBR"] == names["store"]
    assert found["SKU_NBR"] == names["sku"]
    assert found["TOTAL_SALES"] == names["amount"]
    assert found["UNITS"] == names["qty"]


def test_a_column_per_week_is_melted(sample, tmp_path):
    wide(sample, tmp_path)
    sales = guess(tmp_path).mapping.tables["internal_sales"]
    assert sales.files == "weekly_sales.csv"
    assert sales.melt.names == "%Y-%m-%d"
    assert set(sales.columns) == {"STORE_NBR", "SKU_NBR", "CAT_DSC"}


def test_sheets_of_a_workbook_are_tables(sample, tmp_path):
    workbook(sample, tmp_path)
    tables = guess(tmp_path).mapping.tables
    assert {name: table.sheet for name, table in tables.items()} == {
        "internal_sales": "Sales",
        "need_state": "Products",
        "store_attributes": "Stores",
        "external_sales": "Market",
    }


def test_files_of_the_same_columns_are_one_table(sample, tmp_path):
    flat(sample, tmp_path)
    header, *rows = (tmp_path / "transactions.csv").read_text().splitlines()
    (tmp_path / "transactions.csv").unlink()
    for number in (0, 1):
        text = "\n".join([header, *rows[number::2]])
        (tmp_path / f"transactions_2025_0{number + 1}.csv").write_text(text)
    guessed = guess(tmp_path)
    assert guessed.mapping.tables["internal_sales"].files == "transactions_2025_0*.csv"


def test_a_column_per_category_is_melted(sample, tmp_path):
    rename_at_random(sample, tmp_path, random.Random(2))
    (tmp_path / "external_sales.parquet").unlink()
    market = f"from '{sample}/external_sales.parquet'"
    duckdb.sql(
        f"pivot (select STORE_NBR, CATEGORY, MARKET_SALES {market}) on CATEGORY"
        " using sum(MARKET_SALES)"
    ).write_csv(str(tmp_path / "market.csv"))
    found = guess(tmp_path).mapping.tables["external_sales"]
    assert found.melt.columns == ["COFFEE", "SHAMPOO"]
    assert found.columns == {"STORE_NBR": "STORE_NBR"}


def test_a_missing_need_state_is_named_with_candidates_and_a_remedy(tmp_path):
    rows = [f"S{n % 7},P{n % 12},BEER,{n}.5\n" for n in range(84)]
    (tmp_path / "sales.csv").write_text("store,sku,category,amount\n" + "".join(rows))
    problem = guess(tmp_path).problem
    assert problem.startswith("sales.csv: no column found for CATEGORY of need_state")
    assert "write `CATEGORY: NAME` under input.tables.need_state.columns" in problem


def test_files_that_are_not_used_or_not_read_are_named(sample, tmp_path):
    flat(sample, tmp_path)
    (tmp_path / "colours.csv").write_text("colour,hex\nred,f00\nblue,00f\n")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    notes = guess(tmp_path).notes
    assert "not used: colours.csv" in notes
    assert any(note.startswith("not read: ") for note in notes)


def test_renamed_columns_that_somebody_met_are_read_as_before(tmp_path, monkeypatch):
    cases = SHARED / "cases" / "input"
    if not cases.exists():
        pytest.skip("needs ../shared")
    folder = tmp_path / "raw"
    shutil.copytree(cases / "base", folder)
    shutil.copytree(cases / "S1_renamed_columns", folder, dirs_exist_ok=True)
    for name in ("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR"):
        monkeypatch.setenv(name, str(folder))
    mapping = guess_mapping(folder, contract=TABLES, copies=tmp_path).mapping
    views = open_input(DBT_PROJECT, mapping=mapping).views
    sales = duckdb.sql(
        "select count(*), round(sum(TOTAL_SALES::double), 2)"
        f" from ({views['internal_sales']})"
    )
    assert sales.fetchall() == [(5341, 97196.24)]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "no table in it"),
        ({"a.csv": "colour,hex\nred,f00\nblue,00f\n"}, "add the table of sales"),
    ],
)
def test_a_folder_without_sales_is_one_line(tmp_path, files, says):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=says):
        guess(tmp_path)
