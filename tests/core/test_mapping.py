"""A mapping in the environment's file: other names, shapes and signs, read as meant."""

from collections.abc import Mapping as Tables
from pathlib import Path

import duckdb
import pytest

from clustering.core.environments import Environment, mapping_in_force
from clustering.core.errors import InputError, SettingsError
from clustering.core.input import find_paths, open_input
from clustering.core.mapping import Mapping
from clustering.core.paths import CONFIG_VARIABLE, DBT_PROJECT

SALES = """\
shop;item;type;day;amount
0001;a;GIN;31/01/2025;1.234,50
0001;b;GIN;31/01/2025;12
0002;a;GIN;07/02/2025;0,75
0002;b;GIN;07/02/2025;2,00
"""
NEEDS = "ean,family,need\na,GIN,DRY\nb,GIN,SLOE\n"
STORES = "Shop No,rural %,rent\n0001,2.4%,N/A\n0002,17%,12.5\n"

INTERNAL = {
    "files": "till.csv",
    "columns": {
        "STORE_NBR": "shop",
        "SKU_NBR": "item",
        "CAT_DSC": "type",
        "TOTAL_SALES": "amount",
        "PERIOD_START": "day",
    },
    "decimal": ",",
    "thousands": ".",
    "dates": "%d/%m/%Y",
}
PRODUCTS = {
    "files": "products.csv",
    "columns": {"PRODUCT_ID": "ean", "CATEGORY": "family", "NEED_STATE": "need"},
}
PLACES = {
    "files": "stores.csv",
    "columns": {"STORE_NBR": "Shop No"},
    "percent": ["rural %"],
    "nulls": ["N/A"],
}
ALL = {"internal_sales": INTERNAL, "need_state": PRODUCTS, "store_attributes": PLACES}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    for name, text in (("till", SALES), ("products", NEEDS), ("stores", STORES)):
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def read(table: str, **changed: Tables) -> list[tuple]:
    """Return the rows of a table as a build sees them, with ALL but for a change."""
    mapping = Mapping(tables=ALL | changed)
    views = open_input(DBT_PROJECT, mapping=mapping).views
    with duckdb.connect() as connection:
        return connection.execute(f"from ({views[table]}) order by all").fetchall()


def refusal(**changed: Tables) -> str:
    with pytest.raises(InputError) as error:
        read("internal_sales", **changed)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_names_dates_and_numbers_are_read_as_the_mapping_says(folder):
    assert read("internal_sales") == [
        ("0001", "a", "GIN", "1234.50", "2025-01-31", None),
        ("0001", "b", "GIN", "12", "2025-01-31", None),
        ("0002", "a", "GIN", "0.75", "2025-02-07", None),
        ("0002", "b", "GIN", "2.00", "2025-02-07", None),
    ]
    assert [row[:3] for row in read("need_state")] == [
        ("a", "GIN", "DRY"),
        ("b", "GIN", "SLOE"),
    ]


def test_features_are_numbers_without_signs_and_words_for_no_value(folder):
    assert [row[:3] for row in read("store_attributes")] == [
        ("0001", 2.4, None),
        ("0002", 17.0, 12.5),
    ]


def test_only_the_features_that_are_named_are_read(folder):
    places = PLACES | {"features": ["rent"], "percent": []}
    assert read("store_attributes", store_attributes=places)[1] == (
        *("0002", 12.5),
        *(None, None),  # latitude and longitude
    )


def test_one_flat_file_feeds_three_tables(folder):
    products = INTERNAL | {
        "columns": {"PRODUCT_ID": "item", "CATEGORY": "type", "NEED_STATE": "item"},
        "distinct": True,
    }
    stores = {
        "files": "till.csv",
        "columns": {"STORE_NBR": "shop"},
        "features": [],
        "distinct": True,
    }
    flat = {"need_state": products, "store_attributes": stores}
    assert [row[:3] for row in read("need_state", **flat)] == [
        ("a", "GIN", "a"),
        ("b", "GIN", "b"),
    ]
    assert [row[0] for row in read("store_attributes", **flat)] == ["0001", "0002"]


@pytest.mark.parametrize(
    ("header", "melt", "days"),
    [
        ("2025-01-06,2025-01-13", {"names": "%Y-%m-%d"}, ["2025-01-06", "2025-01-13"]),
        ("W2025-02,W2025-03", {"names": "W%G-%V"}, ["2025-01-06", "2025-01-13"]),
        ("6 Jan 2025,13 Jan 2025", {"names": "%d %b %Y"}, ["2025-01-06", "2025-01-13"]),
        ("Jan-25,Feb-25", {"names": "%b-%y"}, ["2025-01-01", "2025-02-01"]),
        (
            "sales 202501,sales 202502",
            {"names": "sales %Y%m"},
            ["2025-01-01", "2025-02-01"],
        ),
        (
            "Week 1,Week 2",
            {"names": "week {n}", "first": "2025-01-06"},
            ["2025-01-06", "2025-01-13"],
        ),
    ],
)
def test_a_column_per_week_becomes_a_row_per_week(folder, header, melt, days):
    rows = "1,a,GIN,5,0\n2,a,GIN,,7.5\n2,b,GIN,1,1\n"
    (folder / "wide.csv").write_text(f"shop,item,type,{header}\n{rows}")
    columns = {"STORE_NBR": "shop", "SKU_NBR": "item", "CAT_DSC": "type"}
    wide = {"files": "wide.csv", "columns": columns} | {
        "melt": {"into": "PERIOD_START", "values": "TOTAL_SALES"} | melt
    }
    (folder / "stores.csv").write_text("Shop No\n1\n2\n")
    places = {"files": "stores.csv", "columns": {"STORE_NBR": "Shop No"}}
    found = read("internal_sales", internal_sales=wide, store_attributes=places)
    first, second = days
    assert [row[:5] for row in found] == [
        ("1", "a", "GIN", first, "5"),
        ("2", "a", "GIN", second, "7.5"),
        ("2", "b", "GIN", first, "1"),
        ("2", "b", "GIN", second, "1"),
    ]


def test_a_column_per_category_becomes_a_row_per_category(folder):
    (folder / "market.csv").write_text("shop,GIN,RUM\n0001,5,6\n0002,7,8\n")
    market = {
        "files": "market.csv",
        "columns": {"STORE_NBR": "shop"},
        "melt": {"into": "CATEGORY", "values": "MARKET", "columns": ["GIN", "RUM"]},
    }
    assert read("external_sales", external_sales=market)[:2] == [
        ("0001", "GIN", "5"),
        ("0001", "RUM", "6"),
    ]


def test_keys_stored_as_numbers_are_text_without_decimals(folder):
    duckdb.sql("select 1.0::double as n, 5 as x union all select 2, 6").write_parquet(
        str(folder / "stores.parquet")
    )
    (folder / "till.csv").write_text(SALES.replace("000", ""))
    places = {"files": "stores.parquet", "columns": {"STORE_NBR": "n"}}
    assert [row[:2] for row in read("store_attributes", store_attributes=places)] == [
        ("1", 5),
        ("2", 6),
    ]


def test_a_pattern_reads_every_file_that_matches(folder):
    header, *rows = SALES.splitlines(keepends=True)
    (folder / "till.csv").rename(folder / "till_1.csv")
    (folder / "till_2.csv").write_text(header + rows[0].replace(";a;", ";b;"))
    sales = INTERNAL | {"files": "till_*.csv"}
    assert len(read("internal_sales", internal_sales=sales)) == 5
    mapping = Mapping(tables=ALL | {"internal_sales": sales})
    assert len(find_paths(DBT_PROJECT, mapping)["internal_sales"]) == 2


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            {"internal_sales": INTERNAL | {"files": "gone.csv"}},
            "no file gone.csv, which input.tables.internal_sales.files names",
        ),
        (
            {"need_state": PRODUCTS | {"columns": {"PRODUCT_ID": "upc"}}},
            "products.csv: column upc is missing, found ean, family, need; correct"
            " input.tables.need_state.columns.PRODUCT_ID",
        ),
        (
            {"internal_sale": INTERNAL},
            "no table 'internal_sale'; did you mean internal_sales?",
        ),
        (
            {"need_state": PRODUCTS | {"columns": {"CATEGORYS": "family"}}},
            "no column 'CATEGORYS' in the contract; did you mean CATEGORY?",
        ),
        (
            {"internal_sales": INTERNAL | {"dates": "%Y/%m/%d"}},
            "till.csv: column day has '07/02/2025', written as %d/%m/%Y, wanted a date"
            " as %Y/%m/%d (4 such rows); say so in the mapping (dates: '%d/%m/%Y')",
        ),
        (
            {"internal_sales": INTERNAL | {"decimal": ".", "thousands": None}},
            "till.csv: column amount has '0,75', wanted a number",
        ),
        (
            {"store_attributes": PLACES | {"nulls": [], "percent": ["rent"]}},
            "stores.csv: column rent has 'N/A', wanted per cent as 2.4%",
        ),
    ],
)
def test_what_is_wrong_is_one_line_with_the_users_own_names(folder, changed, says):
    assert says in refusal(**changed)


def test_a_key_of_two_tables_is_called_as_in_each_file(folder):
    (folder / "till.csv").write_text(SALES.replace("0001", "1"))
    assert "column shop has '1' where" in (said := refusal())
    assert "column Shop No, has '0001'" in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tables: {a: {filesx: b}}", "filesx: no such key; did you mean files?"),
        ("tables: {a: {files: b, decimals: ','}}", "did you mean decimal?"),
        ("tables: {a: {files: b, thousands: '.'}}", "decimal and thousands are both"),
        ("tables: {a: {files: b, encoding: win}}", "no encoding 'win'"),
        ("tables: {a: {}}", "input.tables.a: expected one of files, table and query"),
        ("tables: {a: {files: b, query: c}}", "query, got files and query"),
        ("folder: 's3://bucket/raw'", "input.folder: got an address, expected"),
        ("database: 'postgresql://me:pw@host/x'", "database: got a connection string"),
        (
            "tables: {a: {table: b}}",
            "tables.a names a table or query, expected",
        ),
        (
            "tables: {a: {files: b, melt: {into: c, values: d}}}",
            "input.tables.a.melt: expected either columns or names",
        ),
        (
            "tables: {a: {files: b, melt: {into: c, values: d, names: 'w{n}'}}}",
            "expected first exactly where names has {n}",
        ),
    ],
)
def test_an_invalid_mapping_is_refused_with_its_place(tmp_path, text, says):
    file = tmp_path / "mine.yml"
    file.write_text(f"data_dir: here\ninput: {{{text}}}\n")
    with pytest.raises(SettingsError) as error:
        Environment.read_file(file)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_build_takes_the_mapping_of_its_command_or_of_the_variable(
    tmp_path, monkeypatch
):
    file = tmp_path / "mine.yml"
    table = "{files: a.csv, columns: {STORE_NBR: shop}}"
    file.write_text(
        f"data_dir: here\ninput: {{folder: {tmp_path}, tables: {{t: {table}}}}}\n"
    )
    paths = Environment.read_file(file).paths
    assert paths.raw_folders == [tmp_path]
    monkeypatch.setenv(CONFIG_VARIABLE, paths.variables[CONFIG_VARIABLE])
    assert mapping_in_force().tables["t"].columns == {"STORE_NBR": "shop"}
    monkeypatch.setenv(CONFIG_VARIABLE, "")
    assert mapping_in_force().tables == {}
    monkeypatch.delenv(CONFIG_VARIABLE)
    monkeypatch.setenv("CLUSTERING_ENV", "prod")
    assert mapping_in_force().tables == {}
