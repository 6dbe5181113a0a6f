"""What clusters are worth: what was planted is gained, and chance gains nothing."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from clustering.core.paths import DBT_PROJECT, Paths
from tests.conftest import run_environment
from tests.forked import run_forked

# Draws of chance; make test-long repeats them.
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3))]

# As written in the issue: .1 points of the average store's demand.
MOST_BY_CHANCE = 0.001

SHUFFLE = """
    create or replace table clustering.final_cluster_paths as
    with
    numbered as (
        select
            *,
            row_number() over (
                partition by category, basis order by store_id
            ) as place,
            row_number() over (
                partition by category, basis order by md5(store_id || '{seed}')
            ) as drawn
        from clustering.final_cluster_paths
    )
    select stores.store_id, stores.category, stores.basis, labels.leaf, labels.path
    from numbered as stores
    inner join numbered as labels
        on
            stores.category = labels.category
            and stores.basis = labels.basis
            and stores.place = labels.drawn
"""

# Four clusters by lot, whatever was found.
DRAW = """
    create or replace table clustering.final_cluster_paths as
    select
        store_id,
        category,
        'both' as basis,
        drawn as leaf,
        [1, least(drawn, 2), least(drawn, 3), drawn] as path
    from (
        select distinct
            store_id,
            category,
            cast(hash(store_id || '{seed}') % 4 as integer) + 1 as drawn
        from clustering.final_cluster_paths
    )
"""


def read_value(warehouse: Path) -> pd.DataFrame:
    with duckdb.connect(warehouse, read_only=True) as connection:
        return connection.sql("from marts.cluster_value where clusters > 1").df()


def measure_anew(
    data: Path, *, raw: Path, folder: Path, paths_by: str, seed: int
) -> pd.DataFrame:
    """Exchange the paths of the stores for those of a statement, and measure anew."""
    paths = Paths(folder)
    paths.warehouse.parent.mkdir(parents=True)
    paths.warehouse.write_bytes(Paths(data).warehouse.read_bytes())
    with duckdb.connect(paths.warehouse) as connection:
        connection.execute(paths_by.format(seed=seed))
    environment = run_environment(folder) | {
        name: str(raw) for name in ("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR")
    }
    target = ("--target-path", str(folder / "target"), "--log-path", str(folder))
    select = ("-s", "final_value+,+cluster_value")
    finished = run_forked(
        "dbt", ["--quiet", "run", *select, *target], env=environment, cwd=DBT_PROJECT
    )
    assert finished.returncode == 0, finished.stdout
    return read_value(paths.warehouse)


def test_planted_segments_are_worth_more_than_one_range(sample_data):
    value = read_value(Paths(sample_data).warehouse)
    assert (value["value_code"] == "measured").all()
    best = value.loc[value.groupby("category")["covered_share"].idxmax()]
    assert (best["gain_low"] > 0.005).all(), best
    assert (best["covered_share"] < best["own_range_share"]).all(), best


@pytest.mark.parametrize("seed", SEEDS)
def test_clusters_of_noise_gain_nothing(noise_data, tmp_path, seed):
    value = measure_anew(
        noise_data, raw=noise_data / "raw", folder=tmp_path, paths_by=DRAW, seed=seed
    )
    assert len(value) == 6
    assert (value["gain"].abs() <= 0.002).all(), value
    assert (value["gain"].abs() <= 2 * value["gain_error"]).all(), value


# make test has the same of real stores, below.
@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shuffled_labels_of_the_sample_gain_nothing(
    sample_data, sample_folder, tmp_path, seed
):
    raw = sample_folder / "raw"
    value = measure_anew(
        sample_data, raw=raw, folder=tmp_path, paths_by=SHUFFLE, seed=seed
    )
    assert value["gain"].max() <= MOST_BY_CHANCE, value


def test_final_clusters_of_real_stores_are_worth_more_than_one_range(iowa_published):
    value = read_value(Paths(iowa_published.parent).warehouse)
    gains = value.groupby("category")["gain"].max()
    sketched = {"VODKA": 0.096, "RUM": 0.125, "WHISKEY": 0.117}  # of three decimals
    assert all(gains[name].round(3) >= gain for name, gain in sketched.items()), gains


@pytest.mark.parametrize("seed", SEEDS)
def test_shuffled_labels_of_real_stores_gain_nothing(
    iowa_published, iowa_folder, tmp_path, seed
):
    value = measure_anew(
        iowa_published.parent,
        raw=iowa_folder,
        folder=tmp_path,
        paths_by=SHUFFLE,
        seed=seed,
    )
    assert len(value)
    assert value["gain"].max() <= MOST_BY_CHANCE, value
