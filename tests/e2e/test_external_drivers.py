"""The drivers of real input: what surrounds a store against what sells in it."""

import shutil

import duckdb
import pytest

from tests.conftest import FEW, run_clustering


@pytest.fixture
def drivers(iowa_published):
    return duckdb.sql(f"from '{iowa_published}/external_drivers.parquet'").df()


def test_skill_is_a_share_and_something_is_explained(drivers):
    skill = drivers.groupby("category")["skill"].agg(["min", "max"])
    assert len(skill) == 9
    assert (skill["min"] == skill["max"]).all()
    assert skill["max"].between(0, 1).all()
    assert (skill["max"] > 0).sum() >= 5


def test_shares_sum_to_one_wherever_something_is_explained(drivers):
    explained = drivers[drivers["skill"] > 0]
    sums = explained.groupby(["category", "internal_cluster"])["importance_share"].sum()
    assert sums.tolist() == pytest.approx([1] * len(sums), abs=1e-5)
    assert drivers.loc[drivers["skill"] == 0, "importance"].isna().all()


def test_every_feature_in_use_is_there_once_for_every_cluster(
    drivers, iowa_published, iowa_folder
):
    clusters = duckdb.sql(
        "select category, count(distinct internal_cluster) as clusters"
        f" from '{iowa_published}/store_clusters.parquet' group by category"
    ).df()
    rows = drivers.groupby(["category", "feature"])["internal_cluster"].nunique()
    expected = clusters.set_index("category")["clusters"]
    assert (rows == rows.index.get_level_values("category").map(expected)).all()
    assert rows.groupby("category").size().eq(14).all()
    assert not drivers.duplicated(["category", "internal_cluster", "feature"]).any()


def test_an_identifier_is_never_a_driver(drivers):
    assert not set(drivers["feature"]) & {"CITY", "ZIP", "latitude", "longitude"}


def test_by_default_all_features_are_used_and_the_drivers_are_marked(drivers):
    assert drivers["is_used"].all()
    explained = drivers[drivers["skill"] > 0]
    assert set(explained["reason_code"]) == {"driver", "explains_little"}


@pytest.fixture
def planted_folder(small_folder, tmp_path):
    """Copy the small sample, with a column that says which coffee a store sells."""
    folder = tmp_path / "raw"
    shutil.copytree(small_folder, folder)
    truth = small_folder.parent / "truth" / "truth.parquet"
    duckdb.sql(
        "select attributes.*, segments.internal_segment as SHOPPERS"
        f" from '{small_folder}/store_attributes.parquet' as attributes"
        f" left join '{truth}' as segments"
        " on attributes.STORE_NBR = segments.STORE_NBR and CATEGORY = 'COFFEE'"
    ).write_parquet(str(folder / "store_attributes.parquet"))
    return folder


def test_external_clusters_can_be_made_with_the_drivers_alone(planted_folder, tmp_path):
    settings = ("external_feature_selection=drivers", "must_keep_columns=[INCOME]")
    options = [option for setting in settings for option in ("--param", setting)]
    arguments = ("run", "--raw", planted_folder, *FEW, *options)
    result = run_clustering(*arguments, data=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    drivers = duckdb.sql(
        f"from '{tmp_path}/published/external_drivers.parquet'"
        " where category = 'COFFEE'"
    ).df()
    used = drivers[drivers["is_used"]].drop_duplicates("feature").set_index("feature")
    assert used["reason_code"].to_dict() == {
        "SHOPPERS": "driver",
        "INCOME": "must_keep",
    }
    warehouse = tmp_path / "warehouse" / "store_clustering.duckdb"
    with duckdb.connect(warehouse, read_only=True) as connection:
        selected = connection.sql(
            "select distinct feature from clustering.selected_external_features"
            " where category = 'COFFEE' order by all"
        ).fetchall()
    assert selected == [("INCOME",), ("SHOPPERS",)]


def test_a_must_keep_column_that_is_not_there_is_named_with_those_that_are(
    small_folder, tmp_path
):
    param = ("--param", "must_keep_columns=[EARNINGS]")
    result = run_clustering("run", "--raw", small_folder, *param, data=tmp_path)
    assert result.returncode != 0
    assert "EARNINGS" in result.stderr
    assert "INCOME" in result.stderr
    assert not (tmp_path / "published").exists()
