"""Consecutive runs: clusters keep their numbers, and every store is accounted for."""

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from scipy.optimize import linear_sum_assignment

from tests.conftest import FEW, parquet_bytes, publish_from, run_clustering

# Share of the shared stores of the real input that keep their cluster's number.
LEAST_RETENTION = 0.8

# Every tenth store is closed, and a few SKUs sell five times as much.
OPEN = "STORE_NBR not like '%7'"
SALES = "TOTAL_SALES * case when SKU_NBR like '%1' then 5 else 1 end"


def change_input(source: Path, target: Path) -> None:
    """Write the input of the next run."""
    target.mkdir()
    shutil.copy(source / "need_state.parquet", target)
    for table in ("internal_sales", "store_attributes", "external_sales"):
        rows = duckdb.sql(f"from '{source}/{table}.parquet' where {OPEN}")
        if table == "internal_sales":
            rows = rows.project(f"* replace ({SALES} as TOTAL_SALES)")
        rows.write_parquet(str(target / f"{table}.parquet"))


@pytest.fixture(scope="module")
def first(small_data) -> Path:
    """Marts of a first run."""
    return small_data.published


@pytest.fixture(scope="module")
def next_folder(small_folder, tmp_path_factory) -> Path:
    """Input of the run that follows it."""
    folder = tmp_path_factory.mktemp("next") / "raw"
    change_input(small_folder, folder)
    return folder


@pytest.fixture(scope="module")
def second(first, next_folder, tmp_path_factory) -> Path:
    """Marts of the run that follows it."""
    return publish_after(first, next_folder, data=tmp_path_factory.mktemp("second"))


@pytest.fixture(scope="module")
def iowa_second(iowa_folder, iowa_published, tmp_path_factory) -> Path:
    """Marts of the real input of 2022, after those of 2021."""
    raw = tmp_path_factory.mktemp("iowa_2022")
    for name in (
        "need_state.csv",
        "external_sales.parquet",
        "store_attributes.parquet",
    ):
        (raw / name).symlink_to(iowa_folder / name)
    sales = iowa_folder / "internal_sales_2022.parquet"
    (raw / "internal_sales.parquet").symlink_to(sales)
    data = tmp_path_factory.mktemp("iowa")
    shutil.copytree(iowa_published, data / "published", symlinks=True)
    return publish_from(raw, data=data)


def publish_after(published: Path, raw: Path, *, data: Path) -> Path:
    """Publish ``raw`` into a data folder in which ``published`` is the last run."""
    shutil.copytree(published, data / "published", symlinks=True)
    return publish_from(raw, *FEW, data=data)


def read(published: Path, mart: str) -> pd.DataFrame:
    return duckdb.sql(f"from '{published}/{mart}.parquet'").df()


def keys(frame: pd.DataFrame) -> list[tuple[str, str]]:
    return sorted(zip(frame["store_id"], frame["category"], strict=True))


def best_retention(before: pd.DataFrame, now: pd.DataFrame) -> dict[str, float]:
    """Return by category what the best one-to-one renumbering would keep."""
    both = before.merge(now, on=["store_id", "category"])
    best = {}
    for category, rows in both.groupby("category"):
        shared = pd.crosstab(rows["cluster_id_x"], rows["cluster_id_y"]).to_numpy()
        best[category] = shared[linear_sum_assignment(-shared)].sum() / len(rows)
    return best


def check_that_the_run_follows(published: Path, last: Path) -> None:
    before, now = read(last, "store_clusters"), read(published, "store_clusters")
    moves = read(published, "cluster_migrations")
    assert keys(moves) == sorted(set(keys(before)) | set(keys(now)))
    assert keys(moves[moves["movement"] != "joined"]) == keys(before)
    assert keys(moves[moves["movement"] != "left"]) == keys(now)
    stayed = moves["previous_cluster_id"] == moves["cluster_id"]
    assert (stayed == (moves["movement"] == "stayed")).all()
    quality = read(published, "cluster_quality").set_index("category")
    best = best_retention(before, now)
    assert quality["retention"].to_dict() == pytest.approx(best, abs=1e-6)


def test_in_the_first_run_all_stores_join_and_all_clusters_are_new(first):
    moves, changes = read(first, "cluster_migrations"), read(first, "cluster_changes")
    assert keys(moves) == keys(read(first, "store_clusters"))
    assert set(moves["movement"]) == {"joined"}
    assert set(changes["change"]) == {"new"}
    assert read(first, "cluster_quality")["retention"].isna().all()
    for _, clusters in changes.groupby("category"):
        assert clusters["cluster_id"].to_list() == [*range(1, len(clusters) + 1)]
        assert clusters["stores_now"].is_monotonic_decreasing


def test_the_next_run_follows_the_first(first, second):
    check_that_the_run_follows(second, first)
    moves = read(second, "cluster_migrations")
    assert {"stayed", "left"} <= set(moves["movement"])
    assert moves["run_id"].nunique() == moves["previous_run_id"].nunique() == 1
    (last_run,) = read(first, "store_clusters")["run_id"].unique()
    assert moves["previous_run_id"].dropna().unique() == [last_run]


def test_the_next_run_again_leaves_every_byte_as_it_is(second, next_folder):
    before = parquet_bytes(second)
    publish_from(next_folder, *FEW, "--full-refresh", data=second.parent)
    assert parquet_bytes(second) == before


def test_the_first_input_again_follows_the_next_run(
    first, second, small_folder, tmp_path
):
    third = publish_after(second, small_folder, data=tmp_path)
    check_that_the_run_follows(third, second)
    pairs = read(first, "store_clusters").merge(
        read(third, "store_clusters"), on=["store_id", "category"]
    )[["category", "cluster_id_x", "cluster_id_y"]]
    one_to_one = pairs.drop_duplicates()
    assert not one_to_one.duplicated(["category", "cluster_id_x"]).any()
    assert not one_to_one.duplicated(["category", "cluster_id_y"]).any()


@pytest.mark.parametrize(
    ("select", "says"),
    [
        ("* exclude (cluster_id)", "column cluster_id is missing, wanted INTEGER"),
        ("* replace (1 as store_id)", "column store_id is INTEGER, wanted VARCHAR"),
    ],
    ids=["missing column", "store numbers as integers"],
)
def test_a_published_file_that_cannot_be_used_is_one_clear_line(
    first, small_folder, tmp_path, select, says
):
    spoil(first, tmp_path, select)
    result = run_clustering("run", "--raw", small_folder, data=tmp_path)
    assert result.returncode == 4
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert f"published/store_clusters.parquet: {says}; restore" in result.stderr
    assert "set the var label_continuity to false" in result.stderr


def test_without_continuity_clusters_are_numbered_anew(first, next_folder, tmp_path):
    """Even where the last run cannot be read."""
    published = spoil(first, tmp_path, "* exclude (cluster_id)")
    arguments = ("run", "--raw", next_folder, *FEW, "--param", "label_continuity=false")
    result = run_clustering(*arguments, data=tmp_path)
    assert result.returncode == 0, result.stderr
    assert set(read(published, "cluster_changes")["change"]) == {"new"}


def test_a_run_of_before_people_could_correct_it_is_followed(
    first, second, next_folder, tmp_path
):
    """Its clusters are those that the method gave."""
    spoil(first, tmp_path, "* exclude (uncorrected_cluster)")
    spoil(
        first,
        tmp_path,
        "* exclude (previous_uncorrected_cluster)",
        mart="cluster_migrations.parquet",
    )
    published = publish_from(next_folder, *FEW, data=tmp_path)
    for mart in ("store_clusters", "cluster_migrations", "cluster_changes"):
        pd.testing.assert_frame_equal(read(published, mart), read(second, mart))


def spoil(
    published: Path, data: Path, select: str, *, mart: str = "store_clusters.parquet"
) -> Path:
    """Copy what is published, with other columns of a mart."""
    target = data / "published"
    if not target.exists():
        shutil.copytree(published, target, symlinks=True)
    rows = duckdb.sql(f"select {select} from '{published / mart}'")
    rows.write_parquet(str(target / mart))
    return target


# make test has two years of two categories, in test_life.py.
@pytest.mark.long
def test_on_real_input_the_next_year_follows_the_last(
    iowa_published, iowa_second, record_property
):
    check_that_the_run_follows(iowa_second, iowa_published)
    for row in read(iowa_second, "cluster_quality").itertuples():
        record_property(f"retention {row.category}", round(row.retention, 3))
    moves = read(iowa_second, "cluster_migrations")["movement"].value_counts()
    assert moves["stayed"] / (moves["stayed"] + moves["moved"]) >= LEAST_RETENTION
