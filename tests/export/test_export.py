"""Exported files: their contents and place, and that they appear complete."""

import json
import shutil
import signal
import subprocess
import time

import duckdb
import openpyxl
import pandas as pd
import pytest

from clustering.core.errors import ArgumentError, CommandError
from clustering.export.files import export_stores, export_workbooks, name_files
from clustering.queries.selection import Selection, list_categories
from clustering.store.runs import PublishedRun
from tests.conftest import CLUSTERING, run_clustering, run_environment
from tests.dashboard.runs import write_run

FORMATS = ("csv", "json", "parquet")
ALL = Selection()


@pytest.fixture
def wanted(small_run):
    return small_run.read(
        "select store_clusters.*, latitude, longitude from store_clusters"
        " inner join store_map using (store_id, category)"
        " order by category, store_clusters.cluster_id, store_id"
    )


def read_back(file):
    text = "types={'store_id': 'varchar'}"
    reader = f"read_csv('{file}', {text})" if file.suffix == ".csv" else f"'{file}'"
    return duckdb.sql(f"from {reader}").df()


@pytest.mark.parametrize("file_format", FORMATS)
def test_every_store_is_there_with_name_sales_and_place(
    small_run, wanted, tmp_path, file_format
):
    file = export_stores(small_run, ALL, file_format=file_format, output=tmp_path)
    assert file == tmp_path / f"store_clusters.{file_format}"
    found = read_back(file)
    columns = ["store_id", "category", "cluster_id", "cluster_name", "sales"]
    for column in [*columns, "latitude", "longitude", "next_best_cluster", "run_id"]:
        missing = wanted[column].isna()
        assert found[column].isna().tolist() == missing.tolist()
        assert found[column][~missing].tolist() == wanted[column][~missing].tolist()


def test_json_is_an_array_of_objects(small_run, wanted, tmp_path):
    file = export_stores(small_run, ALL, file_format="json", output=tmp_path)
    rows = json.loads(file.read_text())
    assert len(rows) == len(wanted)
    assert rows[0]["store_id"] == wanted["store_id"][0]
    assert isinstance(rows[0]["sales"], float)


@pytest.mark.parametrize("file_format", FORMATS)
def test_others_are_left_out(small_run, wanted, tmp_path, file_format):
    category = list_categories(small_run)[0]
    selection = Selection(category, 1)
    file = export_stores(small_run, selection, file_format=file_format, output=tmp_path)
    assert file.stem == f"store_clusters-{category}-cluster-1"
    of_one = (wanted["category"] == category) & (wanted["cluster_id"] == 1)
    assert read_back(file)["store_id"].tolist() == wanted[of_one]["store_id"].tolist()


def test_the_same_run_gives_the_same_bytes(small_run, tmp_path):
    for file_format in FORMATS:
        files = [
            export_stores(
                small_run, ALL, file_format=file_format, output=tmp_path / name
            )
            for name in ("first", "second")
        ]
        assert files[0].read_bytes() == files[1].read_bytes()


def test_there_is_a_workbook_for_each_category(small_run, tmp_path):
    files = export_workbooks(small_run, ALL, output=tmp_path / "new" / "folder")
    categories = list_categories(small_run)
    assert [file.stem for file in files] == categories
    for file, category in zip(files, categories, strict=True):
        title = openpyxl.load_workbook(file)["Summary"]["A1"].value
        assert title.startswith(f"{category}: ")


@pytest.mark.parametrize("file_format", FORMATS)
def test_categories_with_names_alike_do_not_share_a_file(tmp_path, file_format):
    categories = ["A/B", "A:B", "beer", "BEER"]
    stores = pd.DataFrame({"category": categories, "store_id": "1", "cluster_id": 1})
    stores["run_id"] = "3f9a"
    run = write_run(
        tmp_path / "run",
        cluster_quality=stores[["category"]],
        store_clusters=stores,
        store_map=stores[["store_id", "category"]].assign(latitude=0.0, longitude=0.0),
    )
    files = [
        export_stores(
            run, Selection(name, 1), file_format=file_format, output=tmp_path / "out"
        )
        for name in categories
    ]
    assert len({file.name.lower() for file in files}) == 4
    assert [list(read_back(file)["category"]) for file in files] == [
        [name] for name in categories
    ]


def test_names_of_files_fit_every_system_and_no_two_are_alike():
    names = ["x" * 300, "x" * 301, "x" * 299 + "/", "酒" * 120, "con", "CON", "Lpt1"]
    files = name_files(names)
    assert len({file.casefold() for file in files.values()}) == len(names)
    for file in files.values():
        assert len(f"store_clusters-{file}-cluster-10.parquet".encode()) < 160
    assert [files[name] for name in names[4:]] == ["con_", "CON_-2", "Lpt1_"]
    assert name_files(["CONE", "COM"]) == {"CONE": "CONE", "COM": "COM"}


def test_one_workbook_may_be_named(small_run, tmp_path):
    selection = Selection(list_categories(small_run)[0])
    (file,) = export_workbooks(small_run, selection, output=tmp_path / "mine.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.xlsx"]
    assert file == tmp_path / "mine.xlsx"


def test_an_output_with_the_wrong_suffix_is_rejected(small_run, tmp_path):
    with pytest.raises(ArgumentError, match=r"ends in \.txt, expected \.csv"):
        export_stores(
            small_run, ALL, file_format="csv", output=tmp_path / "clusters.txt"
        )
    with pytest.raises(ArgumentError, match="a workbook per category"):
        export_workbooks(small_run, ALL, output=tmp_path / "all.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_unwritable_output_is_one_line(small_run, tmp_path):
    (tmp_path / "file").write_text("")
    output = tmp_path / "file" / "below"
    with pytest.raises(CommandError, match=r"cannot write .*: Not a directory"):
        export_stores(small_run, ALL, file_format="csv", output=output)


def test_an_export_that_fails_leaves_the_file_that_was_there(small_run, tmp_path):
    old = PublishedRun(tmp_path / small_run.name)
    shutil.copytree(small_run.folder, old.folder)
    with duckdb.connect(str(old.database)) as connection:
        connection.execute("drop table cluster_sales")
    output = tmp_path / "out"
    category = list_categories(small_run)[0]
    (file,) = export_workbooks(small_run, Selection(category), output=output)
    before = file.read_bytes()
    with pytest.raises(CommandError):
        export_workbooks(old, Selection(category), output=output)
    assert file.read_bytes() == before
    assert [path.name for path in output.iterdir()] == [file.name]


def test_the_command_writes_to_a_folder_of_the_run(small_data, small_run, tmp_path):
    shutil.copytree(small_data.published, tmp_path / "published", symlinks=True)
    folder = tmp_path / "exports" / small_run.name
    result = run_clustering("export", data=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"wrote 2 workbooks to {folder}\n"
    result = run_clustering("export", "--format", "csv", data=tmp_path)
    assert result.stdout == f"wrote {folder / 'store_clusters.csv'}\n"
    assert (folder / "store_clusters.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--category", "NO SUCH"), "Error: no category 'NO SUCH'; "),
        (("--cluster", "1"), "Error: --cluster 1 without --category"),
        (("--run", "xyz"), "Error: no run that is kept begins with 'xyz'"),
        (("--format", "csv", "--output", "a.txt"), "Error: --output a.txt ends in"),
    ],
)
def test_the_command_rejects_unknown_selections(small_data, arguments, message):
    result = run_clustering("export", *arguments, data=small_data.data)
    assert result.returncode == 2
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == 1


def test_before_anything_is_published_export_and_show_agree(tmp_path):
    exported = run_clustering("export", data=tmp_path)
    shown = run_clustering("show", data=tmp_path)
    assert exported.returncode == shown.returncode == 1
    assert exported.stderr == shown.stderr
    assert "clustering run" in exported.stderr


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_an_export_that_is_ended_leaves_nothing_half_done(
    small_data, tmp_path, file_format
):
    command = [CLUSTERING, "export", "--format", file_format, "--output", tmp_path]
    with subprocess.Popen(command, env=run_environment(small_data.data)) as export:
        while export.poll() is None and not any(tmp_path.iterdir()):
            time.sleep(0.001)
        export.terminate()
    assert export.returncode in (0, 128 + signal.SIGTERM)
    assert not list(tmp_path.glob(".*"))
    assert not list(tmp_path.glob("tmp_*"))
