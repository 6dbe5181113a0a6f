"""The raw input: defects that stop a run, found without starting dbt."""

from pathlib import Path

import pytest

from clustering.core.contract import CONTRACT
from clustering.core.errors import InputError
from clustering.core.input import find_paths, open_input
from clustering.core.paths import DBT_PROJECT

GOOD = {
    "internal_sales": "STORE_NBR,SKU_NBR,CAT_DSC,TOTAL_SALES\n1,a,GIN,5\n2,b,GIN,6\n",
    "need_state": "PRODUCT_ID,CATEGORY,NEED_STATE\na,GIN,DRY\nb,GIN,SLOE\n",
    "store_attributes": "STORE_NBR,fläche,Inc\n1,klein,5\n2,groß,6\n",
}


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with good tables, whose name has a quote and a space."""
    folder = tmp_path / "it's raw"
    folder.mkdir()
    for table, text in GOOD.items():
        (folder / f"{table}.csv").write_text(text)
    for name in ("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR"):
        monkeypatch.setenv(name, str(folder))
    return folder


def refusal(**given: list[str]) -> str:
    with pytest.raises(InputError) as error:
        open_input(DBT_PROJECT, **given)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_every_table_has_its_view_and_its_files(raw):
    opened = open_input(DBT_PROJECT)
    views = opened.views
    assert opened.notes == []
    assert set(views) == {*GOOD, "external_sales"}
    assert "where false" in views["external_sales"]
    assert "null::date as PERIOD_START" in views["internal_sales"]
    assert set(find_paths(DBT_PROJECT)) == set(GOOD)


def test_a_table_without_its_key_column_names_what_it_has(raw):
    (raw / "store_attributes.csv").write_text("STORE,INCOME\n1,2\n")
    said = "column STORE_NBR is missing, found STORE, INCOME; add or rename the column"
    assert refusal().endswith(f"store_attributes.csv: {said}")


def test_an_excluded_column_may_be_spelled_as_in_the_file(raw):
    rows = "".join(f"{n},{n}\n" for n in range(30))
    (raw / "store_attributes.csv").write_text(f"STORE_NBR,Inc\n{rows}1x,n/a\n")
    assert "column INC has 'n/a' among 30 numbers" in refusal()
    open_input(DBT_PROJECT, excluded_columns=["Inc"])


def test_columns_of_other_names_are_joined_as_the_contract_says(raw, tmp_path):
    """Names of columns are in __sources.yml alone."""
    renamed = {"SKU_NBR": "ITEM", "PRODUCT_ID": "EAN", "NEED_STATE": "NEED"}
    text = (DBT_PROJECT / CONTRACT).read_text()
    for old, new in renamed.items():
        text = text.replace(old, new)
        for file in raw.iterdir():
            file.write_text(file.read_text().replace(old, new))
    project = tmp_path / "project"
    (project / CONTRACT).parent.mkdir(parents=True)
    (project / CONTRACT).write_text(text)
    open_input(project)
    sales = raw / "internal_sales.csv"
    sales.write_text(sales.read_text().replace("1,a,", "1,A,"))
    with pytest.raises(InputError, match=r"column ITEM has 'A' where .* column EAN"):
        open_input(project)


def test_a_feature_of_two_external_tables_is_refused_and_their_key_is_not(raw):
    file = raw / "external_sales.csv"
    file.write_text("STORE_NBR,CATEGORY,MARKET\n1,GIN,5\n2,GIN,6\n")
    open_input(DBT_PROJECT)
    file.write_text("STORE_NBR,CATEGORY,inc\n1,GIN,5\n2,GIN,6\n")
    assert "external_sales.csv: column Inc is in" in refusal()


@pytest.mark.parametrize("table", GOOD)
def test_bytes_that_are_no_text_are_one_line_with_the_file(raw, table):
    file = raw / f"{table}.csv"
    rows = file.read_bytes().splitlines()
    spoilt = rows[1].replace(b"GIN", b"G\xfcn").replace(b"klein", b"G\xfcn")
    file.write_bytes(b"\n".join([rows[0], *rows[1:] * 30_000, spoilt]))
    said = refusal()
    assert f"{table}.csv" in said
    assert "UTF-8" in said
