"""Names of columns, folders and files are data: quotes and patterns are text there."""

from pathlib import Path

import duckdb
import pytest

from tests.conftest import run_clustering

QUICK = ("bootstrap_resamples=2", "stability_resamples=2", "max_clusters=3")
NAMES = {
    'a"b': "(store_nbr::int * 7919) % 97 + 0.5",
    "it's {{ 1 }}": "(store_nbr::int * 104729) % 89 + 0.25",
    "c'; drop table run --": "if(store_nbr::int % 3 = 0, 'x\"y', 'it''s; {{ z }}')",
}


@pytest.fixture(scope="module")
def data(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build in folders, from columns and with a TMPDIR of odd names."""
    folder = tmp_path_factory.mktemp("odd")
    raw, data, temporary = (folder / name for name in ("r'*[1]", "d'*", "t'"))
    for made in (raw, temporary):
        made.mkdir()
    for file in small_folder.glob("*.parquet"):
        (raw / file.name).symlink_to(file)
    (raw / "store_attributes.parquet").unlink()
    columns = ", ".join(
        f'{value} as "{name.replace(chr(34), chr(34) * 2)}"'
        for name, value in NAMES.items()
    )
    table = duckdb.sql(
        f"select *, {columns} from '{small_folder}/store_attributes.parquet'"
    )
    table.write_csv(str(raw / "store_attributes.csv"))
    # what a pattern of its name would match as well
    (folder / "r'x1").mkdir()
    (folder / "r'x1" / "store_attributes.csv").write_text("STORE_NBR\n1\n")
    params = [text for one in QUICK for text in ("--param", one)]
    result = run_clustering(
        "run", "--raw", raw, *params, data=data, TMPDIR=str(temporary)
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return data


def test_columns_of_any_name_are_features(data):
    with duckdb.connect(data / "published" / "store_clustering.duckdb") as connection:
        found = connection.sql(
            "select feature from external_feature_catalog where reason is null"
        ).fetchall()
    names = {name.upper() for (name,) in found}
    assert {name.upper() for name in NAMES} <= names


@pytest.mark.parametrize(
    "command", [["export", "--format", "csv"], ["export"], ["report"], ["status"]]
)
def test_other_commands_work_there(data, command):
    result = run_clustering(*command, data=data)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stdout + result.stderr
