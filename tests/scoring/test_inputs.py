"""Inputs: the raw tables of stores to be scored, a folder or a file of them."""

from pathlib import Path

import pandas as pd
import pytest

from clustering.core.errors import ArgumentError, InputError
from clustering.core.mapping import Mapping
from clustering.scoring.inputs import read_features, read_tables

MODELS = {
    "need_states": pd.DataFrame(
        {
            "category": "GIN",
            "sku_id": ["1", "2", "2"],
            "need_state": ["DRY", "DRY", "SWEET"],
        }
    ),
    "categories": pd.DataFrame({"category": ["GIN", "RUM"], "scope": ["both", "both"]}),
    "means": pd.DataFrame(
        {"category": ["GIN", "RUM"], "feature": "MARKET", "mean_value": [10.0, 100.0]}
    ),
}

SETTINGS = {"sales_rows": "sum", "excluded_categories": []}


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_a_folder_gives_the_tables_that_are_in_it(tmp_path):
    write(tmp_path, "store_attributes.csv", "STORE_NBR,INCOME\n0042,51000\n")
    tables = read_tables(tmp_path)
    assert list(tables) == ["store_attributes"]
    assert tables["store_attributes"]["STORE_NBR"].tolist() == ["0042"]


@pytest.mark.parametrize(
    ("header", "table"),
    [
        ("STORE_NBR,SKU_NBR,CAT_DSC,TOTAL_SALES", "internal_sales"),
        ("STORE_NBR,CATEGORY,MARKET", "external_sales"),
        ("store_nbr,INCOME", "store_attributes"),
    ],
)
def test_the_columns_of_a_file_tell_which_table_it_is(tmp_path, header, table):
    row = ",".join("1" for _ in header.split(","))
    file = write(tmp_path, "new.csv", f"{header}\n{row}\n")
    assert list(read_tables(file)) == [table]


def test_a_mapping_says_what_columns_are_called(tmp_path):
    write(tmp_path, "shops.csv", "shop,income\n7,51000\n")
    mapping = Mapping.model_validate(
        {
            "tables": {
                "store_attributes": {
                    "files": "shops.csv",
                    "columns": {"STORE_NBR": "shop"},
                },
                "internal_sales": {
                    "files": "sales.csv",
                    "columns": {"STORE_NBR": "shop"},
                },
            }
        }
    )
    tables = read_tables(tmp_path, mapping)
    assert tables["store_attributes"]["STORE_NBR"].tolist() == ["7"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone", "gone, expected a folder or file with stores"),
        ("empty", "empty without any of internal_sales"),
        ("stores.pdf", r"stores.pdf, expected one of \.parquet"),
    ],
)
def test_what_has_no_stores_is_refused(tmp_path, name, message):
    (tmp_path / "empty").mkdir()
    write(tmp_path, "stores.pdf", "")
    with pytest.raises(ArgumentError, match=message):
        read_tables(tmp_path / name)


def test_a_table_without_a_column_is_refused(tmp_path):
    file = write(tmp_path, "sales.csv", "STORE_NBR,TOTAL_SALES\n1,2\n")
    with pytest.raises(InputError, match="no column SKU_NBR, found STORE_NBR"):
        read_tables(file)


def test_sales_are_summed_by_need_state_and_copies_of_rows_count_once():
    rows = [("7", "1", 4.0), ("7", "1", 4.0), ("7", "2", 6.0), ("7", "9", 50.0)]
    sales = pd.DataFrame(rows, columns=["STORE_NBR", "SKU_NBR", "TOTAL_SALES"])
    known = read_features(
        {"internal_sales": sales.assign(CAT_DSC="GIN")}, MODELS, SETTINGS
    )
    sold = known.sales
    assert sold.set_index("feature")["value"].to_dict() == {"DRY": 7.0, "SWEET": 3.0}


def test_markets_of_one_external_side_are_measured_in_their_means():
    market = pd.DataFrame(
        {"STORE_NBR": "7", "CATEGORY": ["GIN", "RUM"], "MARKET": [20.0, 400.0]}
    )
    attributes = pd.DataFrame({"STORE_NBR": ["7"], "FORMAT": ["mall"], "AGE": [None]})
    tables = {"external_sales": market, "store_attributes": attributes}
    external = read_features(tables, MODELS, SETTINGS).external
    rows = external.set_index("feature")
    assert rows.loc["MARKET", ["category", "value"]].tolist() == ["both", 3.0]
    assert rows.loc["FORMAT", "level"] == "mall"
    assert list(rows.index) == ["FORMAT", "MARKET"]


def test_a_market_of_no_category_says_nothing_of_the_store():
    markets = pd.DataFrame(
        {
            "STORE_NBR": ["1", " ", "2"],
            "CATEGORY": [" ", "TEA", None],
            "SIZE": [5, 6, 7],
        }
    )
    known = read_features({"external_sales": markets}, MODELS, SETTINGS)
    assert known.external.empty


def test_rows_are_quarantined_for_the_reasons_of_a_build():
    rows = [
        ("7", "1", "GIN", 4.0),
        ("7", "9", "GIN", 50.0),
        (" 7", "1", "RUM", 5.0),
        ("7", "2", "GIN", -1.0),
        ("8", "2", "GIN", None),
        (None, "2", "GIN", 3.0),
    ]
    columns = ["STORE_NBR", "SKU_NBR", "CAT_DSC", "TOTAL_SALES"]
    tables = {
        "internal_sales": pd.DataFrame(rows, columns=columns),
        "external_sales": pd.DataFrame(
            {"STORE_NBR": ["7"], "CATEGORY": ["TEA"], "MARKET": [1.0]}
        ),
    }
    known = read_features(tables, MODELS, SETTINGS)
    found = known.quarantined.itertuples(index=False, name=None)
    assert list(found) == [
        ("external_sales", "unknown_category", 1),
        ("internal_sales", "category_mismatch", 1),
        ("internal_sales", "missing_sales", 1),
        ("internal_sales", "non_positive_sales", 1),
        ("internal_sales", "null_key", 1),
        ("internal_sales", "unknown_sku", 1),
    ]
    assert known.store_ids == ["7", "8"]
    assert known.sales["value"].tolist() == [4.0]


def test_numbers_of_stores_may_be_numbers():
    stores = pd.DataFrame({"store_nbr": [10, 7], "INCOME": [1.0, 2.0]})
    known = read_features({"store_attributes": stores}, MODELS, SETTINGS)
    assert known.store_ids == ["10", "7"]
    assert set(known.external["store_id"]) == {"10", "7"}
