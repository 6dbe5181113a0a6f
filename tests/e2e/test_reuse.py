"""A build keeps every fit whose input has not changed, to the last byte."""

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from clustering.core.paths import Paths
from clustering.scoring.inputs import read_tables
from clustering.scoring.model import Model
from clustering.store.runs import current_run
from tests.conftest import (
    FEW,
    copy_data,
    parquet_bytes,
    publish_from,
    run_clustering,
    shuffle_tables,
)
from tests.store.builds import read_registry

EXTERNAL = {
    "external_prepared",
    "external_projection",
    "external_candidates",
    "external_clusters",
}
# What the sales of a category go into.
OF_SALES = {
    "internal_prepared",
    "internal_projection",
    "internal_candidates",
    "internal_clusters",
    "driver_importance",
    "side_forests",
    "merged_clusters",
    "final_cluster_paths",
    "final_cluster_scores",
    "final_value",
    "finished_clusters",
    "cluster_centres",
    "cluster_stability",
}


def change_sales(source: Path, target: Path, category: str) -> Path:
    """Copy the input; in one category, some SKUs sell five times as much."""
    target.mkdir(parents=True)
    for file in source.iterdir():
        (target / file.name).symlink_to(file)
    (target / "internal_sales.parquet").unlink()
    factor = f"case when CAT_DSC = '{category}' and SKU_NBR like '%1' then 5 else 1 end"
    duckdb.sql(
        f"select * replace (TOTAL_SALES * {factor} as TOTAL_SALES)"
        f" from '{source}/internal_sales.parquet'"
    ).write_parquet(str(target / "internal_sales.parquet"))
    return target


def last_fits(data: Path) -> dict[str, tuple[int, int]]:
    """Return the categories that each model fitted and kept in the last build."""
    rows = read_registry(
        Paths(data),
        "select model, fitted, kept from fits where build_id ="
        " (select build_id from builds order by started_at desc limit 1)",
    )
    return {model: (fitted, kept) for model, fitted, kept in rows}


def fits(*, of_sales: tuple[int, int], external: tuple[int, int]) -> dict:
    return dict.fromkeys(OF_SALES, of_sales) | dict.fromkeys(EXTERNAL, external)


@pytest.fixture
def built(small_data: Paths, tmp_path: Path) -> Path:
    """Copy the data folder of a first run."""
    return copy_data(small_data.data, tmp_path / "data")


def test_the_first_build_fits_all(small_data):
    assert last_fits(small_data.data) == fits(of_sales=(2, 0), external=(2, 0))


def test_where_one_category_changes_the_others_are_kept(built, small_folder, tmp_path):
    raw = change_sales(small_folder, tmp_path / "raw", "COFFEE")
    whole = copy_data(built, tmp_path / "whole")
    result = run_clustering("run", "--raw", raw, *FEW, data=built)
    assert result.returncode == 0, result.stderr
    says = result.stdout.splitlines()
    assert says[2:4] == ["reading the project", "checking the input files"]
    assert says.count("checking the input files") == 1
    assert "fitted 1 of 2 categories, kept 1" in says
    assert last_fits(built) == fits(of_sales=(1, 1), external=(0, 2))

    expected = publish_from(raw, *FEW, "--full-refresh", data=whole)
    assert last_fits(whole) == fits(of_sales=(2, 0), external=(2, 0))
    assert parquet_bytes(built / "published") == parquet_bytes(expected)


def test_rows_in_another_order_are_no_change(built, small_folder, tmp_path):
    before = parquet_bytes(built / "published")
    shuffle_tables(small_folder, tmp_path / "raw")
    published = publish_from(tmp_path / "raw", *FEW, data=built)
    assert last_fits(built) == fits(of_sales=(0, 2), external=(0, 2))
    assert parquet_bytes(published) == before


def test_another_setting_changes_every_category(built, small_folder):
    arguments = ("run", "--raw", small_folder, *FEW, "--param", "random_state=7")
    result = run_clustering(*arguments, data=built)
    assert result.returncode == 0, result.stderr
    found, expected = last_fits(built), fits(of_sales=(2, 0), external=(2, 0))
    # it reads no setting: where the clusters are the same, so is their value
    assert sum(found.pop("final_value")) == sum(expected.pop("final_value"))
    assert found == expected


def test_another_setting_of_one_step_changes_that_step_and_what_follows(
    built, small_folder
):
    """`max_cluster_size` is read where final clusters are split, and nowhere before."""
    arguments = ("run", "--raw", small_folder, *FEW, "--param", "max_cluster_size=999")
    result = run_clustering(*arguments, data=built)
    assert result.returncode == 0, result.stderr
    split = {"finished_clusters", "cluster_stability"}
    expected = fits(of_sales=(0, 2), external=(0, 2)) | dict.fromkeys(split, (2, 0))
    assert last_fits(built) == expected


def test_where_sales_change_a_side_that_all_have_in_common_is_kept(
    built, small_folder, tmp_path
):
    common = (*FEW, "--param", "external_scope=global")
    publish_from(small_folder, *common, data=built)
    raw = change_sales(small_folder, tmp_path / "raw", "COFFEE")
    publish_from(raw, *common, data=built)
    assert last_fits(built) == fits(of_sales=(1, 1), external=(0, 1))


def without_last_period(source: Path, target: Path) -> Path:
    """Copy the input as it was a period ago."""
    target.mkdir(parents=True)
    for file in source.iterdir():
        (target / file.name).symlink_to(file)
    (target / "internal_sales.parquet").unlink()
    sales = f"'{source}/internal_sales.parquet'"
    duckdb.sql(
        f"from {sales} where PERIOD_START < (select max(PERIOD_START) from {sales})"
    ).write_parquet(str(target / "internal_sales.parquet"))
    return target


def read_marts(published: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(published / "store_clustering.duckdb")) as marts:
        return marts.sql(query).fetchall()


def test_a_period_that_differs_by_chance_alone_fits_nothing(small_folder, tmp_path):
    """Stores are assigned anew, and a mart says how old each fit is."""
    drifted = (*FEW, "--param", "refit_when=drifted")
    before = without_last_period(small_folder, tmp_path / "before")
    data = tmp_path / "data"
    first = publish_from(before, *drifted, data=data)
    (run,) = read_marts(first, "select distinct run_id from store_clusters")
    published = publish_from(small_folder, *drifted, data=data)
    assert last_fits(data) == fits(of_sales=(0, 2), external=(0, 2))
    fit = read_marts(
        published,
        "select reason_code, is_held, fitted_run_id, fitted_run_id <> run_id,"
        " drift > 0 and drift <= drift_bound from category_fits",
    )
    assert fit == [("within_noise", True, *run, True, True)] * 2
    judged = "select count(*) > 80, avg((fit_code = 'fits')::int) > 0.95 from store_fit"
    judged += " where periods_since_fit = 1 and distance_ratio > 0"
    assert read_marts(published, judged) == [(True, True)]
    stayed = read_marts(
        published, "select min(retention), max(stores_joined) from category_drift"
    )
    assert stayed[0][0] > 0.9


def test_never_assigns_stores_by_the_live_version_and_fits_nothing(
    built, small_folder, tmp_path
):
    """It takes the fit from the published run: what the warehouse has is no matter."""
    shutil.rmtree(Paths(built).warehouse.parent)
    live = current_run(Paths(built).published)
    raw = change_sales(small_folder, tmp_path / "raw", "COFFEE")
    new = pd.read_parquet(small_folder / "store_attributes.parquet").head(1)
    attributes = raw / "store_attributes.parquet"
    attributes.unlink()
    everything = pd.read_parquet(small_folder / "store_attributes.parquet")
    pd.concat([everything, new.assign(STORE_NBR="9001")]).to_parquet(attributes)
    sales = pd.read_parquet(raw / "internal_sales.parquet")
    sold = sales[sales["STORE_NBR"] == new["STORE_NBR"].iloc[0]]
    pd.concat([sales, sold.assign(STORE_NBR="9001")]).to_parquet(
        raw / "internal_sales.parquet"
    )

    published = publish_from(raw, *FEW, "--param", "refit_when=never", data=built)
    assert last_fits(built) == fits(of_sales=(0, 2), external=(0, 2))
    reasons = read_marts(published, "select distinct reason_code from category_fits")
    assert reasons == [("never_refitted",)]
    clusters = read_marts(
        published, "select store_id, category, cluster_id from store_clusters"
    )
    found = Model.of_run(live).assign(**read_tables(raw))
    assert set(clusters) == set(
        found[["store_id", "category", "cluster_id"]].itertuples(index=False, name=None)
    )
    assert "9001" in {store for store, *_ in clusters}
    # no period is later than the fit, and the new store is none of it
    judged = read_marts(published, "select distinct fit_code from store_fit")
    assert judged == [("not_judged",)]

    never = ("run", "--raw", raw, *FEW, "--param", "refit_when=never")
    again = run_clustering(*never, data=built)
    assert "nothing to do" in again.stderr + again.stdout
    # the version before has the same fit
    approved = run_clustering("approve", live.name, "--reason", "before", data=built)
    assert approved.returncode == 0, approved.stderr
    again = run_clustering(*never, data=built)
    assert "nothing to do" in again.stderr + again.stdout


def test_never_needs_a_live_version(small_folder, tmp_path):
    never = (*FEW, "--param", "refit_when=never")
    result = run_clustering("run", "--raw", small_folder, *never, data=tmp_path)
    assert result.returncode == 3
    (line,) = [line for line in result.stderr.splitlines() if line]
    assert line.startswith("Error: refit_when is never, and no version is live in")


@pytest.fixture
def iowa_built(iowa_published: Path, tmp_path: Path) -> Path:
    return copy_data(iowa_published.parent, tmp_path / "data")


@pytest.mark.long
def test_on_real_input_one_of_nine_is_fitted(iowa_built, iowa_folder, tmp_path):
    """Its nine categories have one external side in common."""
    raw = change_sales(iowa_folder, tmp_path / "raw", "GIN")
    whole = copy_data(iowa_built, tmp_path / "whole")
    published = publish_from(raw, data=iowa_built)
    assert last_fits(iowa_built) == fits(of_sales=(1, 8), external=(0, 1))
    expected = publish_from(raw, "--full-refresh", data=whole)
    assert parquet_bytes(published) == parquet_bytes(expected)
