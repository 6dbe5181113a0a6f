"""`clustering map`: what it prints and writes."""

from pathlib import Path

import pytest
import yaml

from clustering.core.environments import Environment
from tests.conftest import run_clustering
from tests.shapes import flat


@pytest.fixture
def folder(small_folder: Path, tmp_path: Path) -> Path:
    """Return a folder with one flat file."""
    raw = tmp_path / "raw"
    raw.mkdir()
    flat(small_folder, raw)
    return raw


def test_it_prints_a_table_of_80_columns_and_the_mapping(folder, tmp_path):
    result = run_clustering("map", folder, data=tmp_path)
    assert result.returncode == 0, result.stderr
    table, _, text = result.stdout.partition("input:\n")
    assert max(map(len, table.splitlines())) <= 80
    assert "NEED_STATE" in table
    assert "subcategory" in table
    [features] = [line for line in table.splitlines() if "  features" in line]
    assert "city" in features
    assert "its 1 other columns" in features
    found = yaml.safe_load("input:\n" + text)["input"]["tables"]["internal_sales"]
    assert found["columns"]["TOTAL_SALES"] == "amount"
    assert {one.name for one in folder.iterdir()} == {"transactions.csv"}


def test_a_new_file_is_an_environment_of_its_own(folder, tmp_path):
    file = tmp_path / "mine.yml"
    result = run_clustering("map", folder, "--write", file, data=tmp_path)
    assert result.returncode == 0, result.stderr
    assert f"written to {file}; next: clustering run --config {file}" in result.stdout
    written = Environment.read_file(file)
    assert written.data_dir.parts[-2:] == ("data", "mine")
    assert written.paths.raw_folders == [folder]


def test_in_a_file_that_exists_only_the_mapping_changes(folder, tmp_path):
    file = tmp_path / "mine.yml"
    before = "# ours\ndata_dir: here\n"
    after = "alerts:\n  min_retention: 0.5\n"
    file.write_text(f"{before}input:\n  folder: gone\n\n# next\n{after}")
    for _ in range(2):
        result = run_clustering("map", folder, "--write", file, data=tmp_path)
        assert result.returncode == 0, result.stderr
    text = file.read_text()
    assert text.startswith(before)
    assert after in text
    assert "# next" in text
    assert text.count("input:") == 1
    assert Environment.read_file(file).input.folder == folder


def test_of_two_columns_that_may_be_it_the_other_is_named(folder, tmp_path):
    file = folder / "transactions.csv"
    header, *lines = file.read_text().splitlines()
    named = header.replace("amount", "x1,x2").replace("qty,", "")
    place = header.split(",").index("qty")
    rows = []
    for line in lines:
        fields = line.split(",")
        fields.pop(place)
        rows.append(",".join([*fields, f"{float(fields[-1]) * 1.1:.2f}"]))
    file.write_text("\n".join([named, *rows]) + "\n")
    result = run_clustering("map", folder, data=tmp_path)
    assert result.returncode == 0, result.stderr
    told = " ".join(result.stdout.replace("│", " ").split())
    assert "(not sure; or x" in told


def test_a_column_that_is_not_found_is_named_and_the_rest_is_written(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    rows = [f"S{n % 7},P{n % 12},{n}.5\n" for n in range(84)]
    (raw / "sales.csv").write_text("store,sku,amount\n" + "".join(rows))
    file = tmp_path / "mine.yml"
    result = run_clustering("map", raw, "--write", file, data=tmp_path)
    assert result.returncode == 4
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: sales.csv: no column found for CATEGORY")
    assert line.endswith(f"under input.tables.need_state.columns in {file} [E410]")
    columns = Environment.read_file(file).input.tables["internal_sales"].columns
    assert columns["STORE_NBR"] == "store"


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        ((), "expected either a FOLDER or --database VARIABLE", 2),
        (("raw", "--write", "mine.txt"), "expected a file NAME.yml", 2),
        (("--database", "NOT_SET"), "variable NOT_SET is not set", 4),
        (("raw",), "no table in it", 4),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path, arguments, says, code):
    (tmp_path / "raw").mkdir()
    given = [tmp_path / "raw" if one == "raw" else one for one in arguments]
    result = run_clustering("map", *given, data=tmp_path)
    assert result.returncode == code
    [line] = result.stderr.splitlines()
    assert says in line
